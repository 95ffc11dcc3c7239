using System.Buffers.Binary;
using System.Text;

namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>
/// Makes damaged files out of sound ones. Input k depends on the seed and k alone, so that a finding can be repeated without
/// what came before it. The first inputs are the sound files themselves.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words, int seed)
{
    private const int LongestInput = 1 << 14;

    private static readonly long[] Numbers =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 12, 13, 31, 63, 64, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 1 << 20, 1 << 24, int.MaxValue - 1,
        int.MaxValue, int.MaxValue + 1L, uint.MaxValue - 1, uint.MaxValue, uint.MaxValue + 1L, 1L << 40, 1L << 53, long.MaxValue, -1, -2,
        int.MinValue, long.MinValue,
    ];

    /// <summary>Input number <paramref name="index"/>.</summary>
    public byte[] Create(int index)
    {
        if (index < seeds.Count)
            return seeds[index];

        var random = new Random(unchecked((seed * 1_000_003) + index));
        var bytes = new List<byte>(Pick(seeds, random));
        int edits = 1 + (random.Next(8) * random.Next(2));
        for (int edit = 0; edit < edits; edit++)
            Edit(bytes, random);

        if (bytes.Count > LongestInput)
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        return [.. bytes];
    }

    private static T Pick<T>(IReadOnlyList<T> list, Random random) => list[random.Next(list.Count)];

    // Heads and tails hold what readers act on, so half of the edits go there.
    private static int Place(List<byte> bytes, Random random)
    {
        int most = random.Next(4) switch
        {
            0 => Math.Min(bytes.Count, 64),
            1 => -Math.Min(bytes.Count, 96),
            _ => bytes.Count,
        };
        return most < 0 ? bytes.Count - 1 - random.Next(-most) : most == 0 ? 0 : random.Next(most);
    }

    private void Edit(List<byte> bytes, Random random)
    {
        if (bytes.Count == 0)
            bytes.AddRange(Pick(seeds, random));

        int at = Place(bytes, random);
        int length = Math.Min(1 + random.Next(random.Next(2) == 0 ? 8 : 200), bytes.Count - at);
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)Pick<int>([0, 1, 0x7F, 0x80, 0xFE, 0xFF, ' ', '\n', '-', '9'], random);
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                var inserted = new byte[length];
                random.NextBytes(inserted);
                bytes.InsertRange(at, inserted);
                break;
            case 5:
                bytes.InsertRange(Place(bytes, random), bytes.GetRange(at, length));
                break;
            case 6:
                byte[] other = Pick(seeds, random);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                break;
            case 7:
                EditDecimal(bytes, at, random);
                break;
            case 8 or 9:
                EditField(bytes, at, random);
                break;
            case 10:
                bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pick(words, random)));
                break;
            default:
                Overwrite(bytes, at, Encoding.Latin1.GetBytes(Pick(words, random)));
                break;
        }
    }

    // A number written in digits, such as a length of a shape, becomes another one.
    private static void EditDecimal(List<byte> bytes, int from, Random random)
    {
        int start = bytes.FindIndex(from, b => char.IsAsciiDigit((char)b));
        if (start < 0)
            return;

        int end = bytes.FindIndex(start, b => !char.IsAsciiDigit((char)b));
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.Latin1.GetBytes(FormattableString.Invariant($"{Pick(Numbers, random)}")));
    }

    // A binary length or count of 2, 4 or 8 bytes, in either order, becomes another one.
    private static void EditField(List<byte> bytes, int at, Random random)
    {
        Span<byte> field = stackalloc byte[8];
        long number = Pick(Numbers, random);
        int size = 2 << random.Next(3);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(field, number);
            Overwrite(bytes, at, field[..size]);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(field, number);
            Overwrite(bytes, at, field[(8 - size)..]);
        }
    }

    private static void Overwrite(List<byte> bytes, int at, ReadOnlySpan<byte> with)
    {
        for (int i = 0; i < with.Length && at + i < bytes.Count; i++)
            bytes[at + i] = with[i];
    }
}
