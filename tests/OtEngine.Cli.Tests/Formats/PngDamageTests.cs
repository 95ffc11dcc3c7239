using System.Buffers.Binary;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Fuzzing;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class PngDamageTests
{
    // Offsets into a file: the 8 bytes of the signature, then IHDR with its length and name.
    private const int HeaderData = 16;

    private static byte[] Sound => PngEncoder.ToBytes(new PngImage(5, 4, [.. Enumerable.Range(0, 60).Select(i => (byte)(4 * i))]));

    [Test]
    public void Read_CutAnywhere_IsRefused()
    {
        byte[] file = Sound;
        for (int length = 0; length < file.Length; length++)
            AssertReadRefused(file[..length]);
    }

    [Test]
    public void Read_AnyBitFlipped_IsRefused()
    {
        // All of a PNG file is under a check value, its signature aside, which has but one form.
        for (int bit = 0; bit < 8 * Sound.Length; bit++)
        {
            byte[] file = Sound;
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertReadRefused(file);
        }
    }

    [Test]
    public void Read_BytesAfterTheEnd_AreRefused() => AssertReadRefused([.. Sound, 0], "1 bytes follow");

    [TestCase(0x7FFFFFFF, 0x7FFFFFFF, "at most 134217728 are read")]
    [TestCase(0x7FFFFFFF, 1, "at most 134217728 are read")]
    [TestCase(10000, 10000, "compressed bytes can hold")]
    [TestCase(0, 4, "from 1")]
    [TestCase(-1, 4, "from 1")]
    [TestCase(6, 5, "ends within its pixels, at row 5 of 5")]
    [TestCase(5, 6, "ends within its pixels, at row 6 of 6")]
    [TestCase(5, 4, "more data")]
    public void Read_SizesThatLie_AreRefused(int width, int height, string word) => AssertReadRefused(
        WithHeader(header =>
        {
            BinaryPrimitives.WriteInt32BigEndian(header, width);
            BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        }),
        word);

    [TestCase(8, 7, "colour type 2 with 7 bits")]
    [TestCase(8, 4, "colour type 2 with 4 bits")]
    [TestCase(9, 1, "colour type 1 with 8 bits")]
    [TestCase(9, 7, "colour type 7 with 8 bits")]
    [TestCase(10, 1, "compression 1")]
    [TestCase(11, 1, "filtering 1")]
    [TestCase(12, 2, "interlacing 2")]
    public void Read_LayoutsPngDoesNotHave_AreRefused(int field, byte value, string word) =>
        AssertReadRefused(WithHeader(header => header[field] = value), word);

    [Test]
    public void Read_FilterPngDoesNotHave_IsRefused()
    {
        byte[] content = FuzzSeeds.PngContents()[0];
        content[13 + 16] = 5;

        AssertReadRefused(FuzzSeeds.PngAround(content), "filter 5 in row 2");
    }

    [Test]
    public void Read_IndexBeyondThePalette_IsRefused()
    {
        byte[] content = [.. FuzzSeeds.PngContents()[2]];
        content[8] = 4;
        byte[] lines = [0, 0x12, 0x30, 0x40, .. new byte[16]];

        AssertReadRefused(FuzzSeeds.PngAround([.. content[..13], .. lines]), "beyond the end of the palette");
    }

    [Test]
    public void Read_PaletteColoursWithoutPalette_AreRefused()
    {
        byte[] file = Sound;
        file[HeaderData + 9] = (byte)PngColor.Palette;

        AssertReadRefused(FuzzSeeds.RepairPng(file), "no PNG chunk PLTE");
    }

    [Test]
    public void Read_UnknownCriticalChunk_IsRefusedAndAncillaryIsSkipped()
    {
        byte[] file = Sound;
        byte[] ancillary = [.. file[..33], 0, 0, 0, 1, .. "teSt"u8, 7, 0, 0, 0, 0, .. file[33..]];
        byte[] critical = [.. file[..33], 0, 0, 0, 1, .. "TeSt"u8, 7, 0, 0, 0, 0, .. file[33..]];

        Assert.That(Read(FuzzSeeds.RepairPng(ancillary)).Width, Is.EqualTo(5));
        AssertReadRefused(FuzzSeeds.RepairPng(critical), "unknown PNG chunk TeSt");
    }

    [Test]
    public void Read_Bomb_IsStoppedWhereThePixelsEnd()
    {
        // A megabyte of zeros behind a header of 5 x 5.
        byte[] content = [.. FuzzSeeds.PngContents()[0][..13], .. new byte[1 << 20]];

        AssertReadRefused(FuzzSeeds.PngAround(content), "more data than 5 x 5");
    }

    [Test]
    public void Read_MoreThanTheLimit_IsRefused()
    {
        byte[] file = Sound;
        var limits = new ReadLimits { MaxPixels = 19 };

        AssertRefused(() => PngDecoder.Read(new MemoryStream(file), file.Length, "x.png", limits), "x.png", "5 x 4", "at most 19");
    }

    [Test]
    public void Read_OtherFormats_AreRefused() => AssertReadRefused("GIF89a and so on"u8.ToArray(), "not a PNG");

    private static PngImage Read(byte[] file) => PngDecoder.Read(new MemoryStream(file), file.Length, "x.png", ReadLimits.Default);

    private static void AssertReadRefused(byte[] file, params string[] words) => AssertRefused(() => Read(file), "x.png: ", words);

    private static byte[] WithHeader(SpanAction change)
    {
        byte[] file = FuzzSeeds.PngFiles()[0];
        change(file.AsSpan(HeaderData, PngHeader.Length));
        return FuzzSeeds.RepairPng(file);
    }

    private delegate void SpanAction(Span<byte> header);
}
