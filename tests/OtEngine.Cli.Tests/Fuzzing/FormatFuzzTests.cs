using System.Globalization;
using System.IO.Compression;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>
/// Damaged files of every format. <c>OTENGINE_FUZZ_SECONDS</c> sets the time for all of them together (4 s unless told), and
/// <c>OTENGINE_FUZZ_SEED</c> repeats a run; the seed is printed.
/// </summary>
[TestFixture]
internal sealed class FormatFuzzTests
{
    // Far above what a small file can hold, so that memory shows whether a claim is believed before it is checked.
    private static readonly ReadLimits Limits = new() { MaxElements = 1L << 28, MaxPixels = 1L << 28 };

    // Streams, their buffers, messages and stack traces, whatever the length of the file.
    private const long Constant = 96 << 10;

    private static readonly TimeSpan InputLimit = TimeSpan.FromSeconds(5);

    private static readonly int Seed = int.TryParse(
        Environment.GetEnvironmentVariable("OTENGINE_FUZZ_SEED"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed)
        ? seed
        : Random.Shared.Next();

    private static readonly double Seconds = double.TryParse(
        Environment.GetEnvironmentVariable("OTENGINE_FUZZ_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
        ? seconds
        : 4;

    private static readonly string[] NpyWords =
    [
        "'descr'", "'fortran_order'", "'shape'", "True", "False", "(", ")", ",", "{", "}", ":", "#", "'<f8'", "'>i2'", "'|O'", "'<c16'", "'<f16'",
        "[('x', '<f8')]", "(1, 1, 1)", "(2147483647, 2147483647, 2)", "-1", "L", "\n", "\x93NUMPY\x01\0", "\x93NUMPY\x02\0", "0,", "9999999999999999999999",
    ];

    private static readonly string[] ZipWords =
    [
        "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "\x01\0\x10\0", ".npy", "a.npy", "\x08\0", "\x09\0", "\x0C\0", "\0\0",
    ];

    private static readonly string[] CsvWords =
    [
        ",", ";", "\t", " ", "\n", "\r\n", "\r", "\"", "\"\"", "nan", "-inf", "Infinity", "1e999", "1e-999", "-", "+", ".", "e", "0x10", "1_000", "#", "\0",
        "\xEF\xBB\xBF", "\xFF\xFE", "999999999999999999999999999999", "\u00BD",
    ];

    private static readonly string[] PngWords =
    [
        "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "tEXt", "XXXX", "\0\0\0\0IEND\xAE\x42\x60\x82", "\x89PNG\r\n\x1A\n", "\0\0\0\0", "\x78\x9C", "\xFF\xFF\xFF\xFF",
    ];

    private static FuzzTarget[] Targets =>
    [
        // Doubles are at most eight times the bytes of a file of bool, once more while they are put in order, and the header's text.
        new("npy", FuzzSeeds.NpyFiles(), NpyWords, ReadNpy, length => Constant + (24L * length)),

        new("npy with right header length", FuzzSeeds.NpyFiles(), NpyWords, ReadNpy, length => Constant + (24L * length), FuzzSeeds.RepairNpy),

        // CsvHelper's buffers are constant (twice 64 KiB and their index). Numbers take at least two bytes; growing lists hold a double
        // and a field's place up to three times over, and a row of one number its line.
        new("csv", FuzzSeeds.CsvFiles(), CsvWords, ReadCsv, length => (4 * Constant) + (64L * length)),

        // A deflated byte may stand for 1032 bytes, and a bool of one byte becomes a double of eight.
        new("npz", FuzzSeeds.NpzFiles(), ZipWords, ReadNpz, length => Constant + (1032L * 8 * length)),
        new("npz around npy", FuzzSeeds.NpyFiles(), NpyWords, ReadNpz, length => Constant + (1032L * 8 * length), WrapNpz),

        // A deflated byte may stand for 1032 bytes of eight pixels each, and a pixel becomes three bytes.
        new("png", FuzzSeeds.PngFiles(), PngWords, ReadPng, length => Constant + (1032L * 24 * length)),
        new("png with right checks", FuzzSeeds.PngFiles(), PngWords, ReadPng, length => Constant + (1032L * 24 * length), FuzzSeeds.RepairPng),
        new("png around scanlines", FuzzSeeds.PngContents(), PngWords, ReadPng, length => Constant + (1032L * 24 * length), FuzzSeeds.PngAround),
    ];

    private static IEnumerable<string> TargetNames => Targets.Select(target => target.Name);

    [TestCaseSource(nameof(TargetNames))]
    public void Read_DamagedFiles_ThrowsOnlyTheTypedException(string name)
    {
        FuzzTarget target = Targets.Single(t => t.Name == name);
        FuzzReport report = FuzzRunner.Run(target, Seed, TimeSpan.FromSeconds(Seconds / Targets.Length), InputLimit);

        TestContext.Out.WriteLine(
            $"{name}: {report.Inputs} inputs, {report.Accepted} read, at most {report.LargestShare:P1} of the memory allowed; OTENGINE_FUZZ_SEED={Seed}");
        if (report.Finding != FuzzFinding.None)
        {
            Assert.Fail(
                $"{name}: {report.Finding} at input {report.Index} of OTENGINE_FUZZ_SEED={Seed}: {report.Detail}\n"
                + $"file in base 64: {Convert.ToBase64String(report.File)}");
        }

        Assert.That(report.Accepted, Is.GreaterThanOrEqualTo(target.Seeds.Count).And.LessThan(report.Inputs));
    }

    private static void ReadNpy(byte[] file) => NpyReader.Read(new MemoryStream(file), file.Length, "fuzz.npy", Limits);

    private static void ReadNpz(byte[] file)
    {
        NumericArray? first = null;
        try
        {
            first = NpzReader.Read(new MemoryStream(file), "fuzz.npz", null, Limits);
        }
        catch (InputFileException e) when (e.Message.Contains("several arrays", StringComparison.Ordinal))
        {
        }

        if (first is null)
            NpzReader.Read(new MemoryStream(file), "fuzz.npz", "a", Limits);
    }

    private static void ReadCsv(byte[] file) => CsvReader.Read(new MemoryStream(file), "fuzz.csv", Limits);

    private static void ReadPng(byte[] file) => PngDecoder.Read(new MemoryStream(file), file.Length, "fuzz.png", Limits);

    private static byte[] WrapNpz(byte[] npy) => FuzzSeeds.Npz(CompressionLevel.Optimal, ("a.npy", FuzzSeeds.RepairNpy(npy)));
}
