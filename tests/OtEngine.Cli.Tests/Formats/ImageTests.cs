using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class ImageTests
{
    [Test]
    public void ReadThenWrite_PillowsFile_KeepsEveryPixel()
    {
        using var folder = new TemporaryFolder();
        PngImage image = ImageFile.Read(PathOf("pillow.png"));
        ImageFile.Write(folder.PathOf("copy.png"), image);
        PngImage copy = ImageFile.Read(folder.PathOf("copy.png"));

        Assert.That((copy.Width, copy.Height), Is.EqualTo((9, 7)));
        Assert.That(copy.Rgb, Is.EqualTo(image.Rgb));
    }

    [Test]
    public void Read_OtherExtensions_AreRefused() => AssertRefused(() => ImageFile.Read("photo.jpg"), "photo.jpg", "'.jpg'", ".png");

    [Test]
    public void ToGrey_KeepsGreysAndWeighsColours()
    {
        var image = new PngImage(2, 2, [7, 7, 7, 255, 0, 0, 0, 255, 0, 0, 0, 255]);

        // ITU-R BT.709 times 255.
        Assert.That(image.ToGrey(), Is.EqualTo(new[] { 7, 54.213, 182.376, 18.411 }).Within(1e-12));
    }

    [Test]
    public void FromGrey_ScalesToWhiteAndClamps()
    {
        PngImage image = PngImage.FromGrey([0, 1, 2, 4, -1, double.NaN], 3, 2, white: 2);

        Assert.That(image.Rgb.Where((_, i) => i % 3 == 1), Is.EqualTo(new byte[] { 0, 128, 255, 255, 0, 0 }));
        Assert.That(PngImage.FromGrey([3], 1, 1, white: 0).Rgb, Is.EqualTo(new byte[3]));
    }

    [Test]
    public void Enlarge_MakesSquares()
    {
        PngImage image = PngImage.FromGrey([0, 255], 2, 1, white: 255).Enlarge(2);

        Assert.That((image.Width, image.Height), Is.EqualTo((4, 2)));
        Assert.That(image.Rgb.Where((_, i) => i % 3 == 0), Is.EqualTo(new byte[] { 0, 0, 255, 255, 0, 0, 255, 255 }));
    }
}
