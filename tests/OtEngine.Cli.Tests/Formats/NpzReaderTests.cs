using System.IO.Compression;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Fuzzing;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class NpzReaderTests
{
    // Where ZIP's central directory keeps an entry's numbers. Source: APPNOTE 6.3.10, section 4.3.12.
    private const int CrcField = 16;
    private const int PackedField = 20;
    private const int UnpackedField = 24;

    private static readonly byte[] Array = FuzzSeeds.Npy("<f8", false, "(3, 4)", 96);

    [Test]
    public void Read_OneArray_NeedsNoName()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("plan.npy", Array));

        Assert.That(Read(file, null).AsMatrix(), Is.EqualTo((3, 4)));
        Assert.That(Read(file, "").Name, Is.EqualTo("x.npz:plan"));
    }

    [Test]
    public void Read_NoArrays_IsRefused() => AssertRefused(() => Read(FuzzSeeds.Npz(CompressionLevel.Optimal), null), "x.npz", "no arrays");

    [Test]
    public void Read_TwoArraysOfOneName_AreRefused()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", Array), ("a.npy", Array));

        AssertRefused(() => Read(file, "a"), "x.npz", "more than one", "'a'");
    }

    [Test]
    public void Read_ManyArrays_ListsTheFirst()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, [.. Enumerable.Range(0, 25).Select(i => ($"a{i}.npy", Array))]);

        AssertRefused(() => Read(file, "b"), "x.npz", "'a0', 'a1'", "'a19' and 5 more");
    }

    [Test]
    public void Read_Bomb_IsStoppedAtItsOwnClaim()
    {
        byte[] bomb = FuzzSeeds.Npz(CompressionLevel.SmallestSize, ("a.npy", [.. Array, .. new byte[4 << 20]]));
        AssertRefused(() => Read(bomb, "a"), "x.npz:a", "4194304 bytes follow");

        // The same bomb that claims to be only the array.
        SetField(bomb, UnpackedField, (uint)Array.Length);
        AssertRefused(() => Read(bomb, "a"), "x.npz:a", "damaged");
    }

    [Test]
    public void Read_ClaimBeyondWhatDeflateCanHold_IsRefusedBeforeMemoryIsAsked()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", FuzzSeeds.Npy("<f8", false, "(100000000,)", 96)));
        SetField(file, UnpackedField, 800_000_000);

        AssertRefused(() => Read(file, "a"), "x.npz:a", "800000000 bytes", "cannot be");
    }

    [Test]
    public void Read_DamagedData_FailsItsCheck()
    {
        byte[] stored = FuzzSeeds.Npz(CompressionLevel.NoCompression, ("a.npy", Array));
        int lastValue = stored.AsSpan().IndexOf(Array.AsSpan()) + Array.Length - 1;
        stored[lastValue] ^= 1;
        AssertRefused(() => Read(stored, "a"), "x.npz:a", "check value");

        byte[] deflated = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", Array));
        SetField(deflated, CrcField, 0x12345678);
        AssertRefused(() => Read(deflated, "a"), "x.npz:a", "instead of 12345678");
    }

    [Test]
    public void Read_CutFile_IsRefused()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", Array));
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            AssertRefused(() => Read(cut, "a"), "x.npz");
        }
    }

    [Test]
    public void Read_EncryptedEntry_IsRefused()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", Array));
        int directory = file.AsSpan().LastIndexOf("PK\x01\x02"u8);
        file[directory + 8] |= 1;

        AssertRefused(() => Read(file, "a"), "x.npz:a", "encrypted");
    }

    [Test]
    public void Read_PackedLengthBeyondTheFile_IsRefused()
    {
        byte[] file = FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", Array));
        SetField(file, PackedField, 0x7FFFFFFF);

        AssertRefused(() => Read(file, "a"), "x.npz");
    }

    private static NumericArray Read(byte[] file, string? name) => NpzReader.Read(new MemoryStream(file), "x.npz", name, ReadLimits.Default);

    private static void SetField(byte[] file, int field, uint value)
    {
        int directory = file.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(file.AsSpan(directory + field), value);
    }
}
