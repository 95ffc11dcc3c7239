using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OtEngine.Cli.Formats;

/// <summary>Turns the bytes of <c>.npy</c> elements into doubles.</summary>
internal static class NpyElements
{
    /// <summary>
    /// Converts whole elements. Every type but the 64-bit integers fits a double exactly; of those, a value that does not
    /// survive the conversion is reported, because silently moving a cost or a label is worse than refusing it.
    /// </summary>
    /// <param name="bytes">The elements; reordered in place where the byte order is not this machine's.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="values">One double for each element.</param>
    /// <param name="inexact">The value that a double cannot hold, where there is one.</param>
    /// <returns>The index of the first value that a double cannot hold, or -1.</returns>
    public static int ToDoubles(Span<byte> bytes, NpyType type, Span<double> values, out string inexact)
    {
        if (type.IsBigEndian == BitConverter.IsLittleEndian)
            ReverseEndianness(bytes, type.Size);

        inexact = "";
        switch (type.Kind, type.Size)
        {
            case (NpyKind.Boolean, _):
                for (int i = 0; i < values.Length; i++)
                    values[i] = bytes[i] == 0 ? 0 : 1;
                return -1;
            case (NpyKind.Signed, 1):
                return Widen<sbyte>(bytes, values);
            case (NpyKind.Signed, 2):
                return Widen<short>(bytes, values);
            case (NpyKind.Signed, 4):
                return Widen<int>(bytes, values);
            case (NpyKind.Signed, 8):
                return WidenChecked<long>(bytes, values, out inexact);
            case (NpyKind.Unsigned, 1):
                return Widen<byte>(bytes, values);
            case (NpyKind.Unsigned, 2):
                return Widen<ushort>(bytes, values);
            case (NpyKind.Unsigned, 4):
                return Widen<uint>(bytes, values);
            case (NpyKind.Unsigned, 8):
                return WidenChecked<ulong>(bytes, values, out inexact);
            case (NpyKind.Float, 2):
                return Widen<Half>(bytes, values);
            case (NpyKind.Float, 4):
                return Widen<float>(bytes, values);
            default:
                return Widen<double>(bytes, values);
        }
    }

    /// <summary>Swaps the bytes of every element of 2, 4 or 8 bytes, in place.</summary>
    public static void ReverseEndianness(Span<byte> bytes, int size)
    {
        if (size == 2)
        {
            Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (size == 4)
        {
            Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (size == 8)
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    private static int Widen<T>(ReadOnlySpan<byte> bytes, Span<double> values)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < values.Length; i++)
            values[i] = double.CreateTruncating(elements[i]);
        return -1;
    }

    private static int WidenChecked<T>(ReadOnlySpan<byte> bytes, Span<double> values, out string inexact)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(bytes);
        inexact = "";
        for (int i = 0; i < values.Length; i++)
        {
            if (!IsExact(elements[i]))
            {
                inexact = elements[i].ToString() ?? "";
                return i;
            }

            values[i] = double.CreateTruncating(elements[i]);
        }

        return -1;
    }

    // A double has 53 significant bits, so what counts is the distance from the highest to the lowest bit set.
    private static bool IsExact<T>(T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        ulong magnitude = ulong.CreateTruncating(T.IsNegative(value) ? T.Zero - value : value);
        return magnitude == 0 || 64 - BitOperations.LeadingZeroCount(magnitude) - BitOperations.TrailingZeroCount(magnitude) <= 53;
    }
}
