using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class PngTests
{
    private static IEnumerable<string> Layouts()
    {
        foreach ((int color, int[] depths, bool canBeKeyed) in new[]
        {
            (0, new[] { 1, 2, 4, 8, 16 }, true), (3, [1, 2, 4, 8], true), (2, [8, 16], true), (4, [8, 16], false), (6, [8, 16], false),
        })
        {
            foreach (int depth in depths)
            {
                yield return $"color{color}_depth{depth}";
                yield return $"color{color}_depth{depth}_adam7";
                if (canBeKeyed)
                {
                    yield return $"color{color}_depth{depth}_keyed";
                    yield return $"color{color}_depth{depth}_adam7_keyed";
                }
            }
        }
    }

    [TestCaseSource(nameof(Layouts))]
    public void Read_EveryLayout_GivesRgbOverWhite(string layout)
    {
        byte[] file = Bytes($"{layout}_file");
        byte[] expected = Bytes($"{layout}_rgb");

        PngImage image = PngDecoder.Read(new MemoryStream(file), file.Length, "x.png", ReadLimits.Default);

        Assert.That((image.Width, image.Height), Is.EqualTo((13, 11)));
        Assert.That(image.Rgb, Is.EqualTo(expected));
    }

    [TestCase(1, 1)]
    [TestCase(7, 3)]
    [TestCase(64, 65)]
    public void Write_ThenRead_GivesTheSamePixels(int width, int height)
    {
        var rgb = new byte[3 * width * height];
        new Random(5).NextBytes(rgb);

        byte[] file = PngEncoder.ToBytes(new PngImage(width, height, rgb));
        PngImage image = PngDecoder.Read(new MemoryStream(file), file.Length, "x.png", ReadLimits.Default);

        Assert.That((image.Width, image.Height), Is.EqualTo((width, height)));
        Assert.That(image.Rgb, Is.EqualTo(rgb));
    }

    private static byte[] Bytes(string array) => [.. NumericFile.Read(PathOf($"png.npz:{array}")).Values.Select(v => (byte)v)];
}
