using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class TransferCommandTests
{
    // The mean colour of the samples differs from that of all pixels by about the deviation over the root of the count.
    private const double SamplingError = 12;

    [Test]
    public void Transfer_SamplePhotos_TakesOverTheColoursOfTheReference()
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("new/out.png");
        JsonElement answer = CliRun.Answer(
            "transfer", Photo("china.png"), Photo("flower.png"), "--out", output, "--samples", "300", "--plot", folder.PathOf("plot.svg"));

        PngImage photo = ImageFile.Read(Photo("china.png"));
        PngImage reference = ImageFile.Read(Photo("flower.png"));
        PngImage recoloured = ImageFile.Read(output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(answer.GetProperty("value").GetDouble(), Is.Positive);
            Assert.That((recoloured.Width, recoloured.Height), Is.EqualTo((photo.Width, photo.Height)));
            for (int channel = 0; channel < 3; channel++)
                Assert.That(Mean(recoloured, channel), Is.EqualTo(Mean(reference, channel)).Within(SamplingError), $"channel {channel}");
            Assert.That(File.ReadAllText(folder.PathOf("plot.svg")), Does.StartWith("<svg"));
        }
    }

    [Test]
    public void Transfer_Sinkhorn_TakesOverTheMeanColourWithLessContrast()
    {
        using TemporaryFolder folder = new();
        string[] command = ["transfer", Photo("china.png"), Photo("flower.png"), "--samples", "200"];
        CliRun.Answer([.. command, "--out", folder.PathOf("exact.png")]);
        JsonElement answer = CliRun.Answer([.. command, "--out", folder.PathOf("soft.png"), "--method", "sinkhorn", "--epsilon-relative", "0.2", "--plot", folder.PathOf("plot.svg")]);
        JsonElement given = CliRun.Answer(
            [.. command, "--out", folder.PathOf("again.png"), "--method", "sinkhorn", "--epsilon", answer.GetProperty("epsilon").GetRawText(), "--threads", "1"]);

        PngImage reference = ImageFile.Read(Photo("flower.png"));
        PngImage exact = ImageFile.Read(folder.PathOf("exact.png"));
        PngImage soft = ImageFile.Read(folder.PathOf("soft.png"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(given.GetProperty("value").GetDouble(), Is.EqualTo(answer.GetProperty("value").GetDouble()));
            Assert.That(File.ReadAllBytes(folder.PathOf("again.png")), Is.EqualTo(File.ReadAllBytes(folder.PathOf("soft.png"))));
            for (int channel = 0; channel < 3; channel++)
            {
                Assert.That(Mean(soft, channel), Is.EqualTo(Mean(reference, channel)).Within(SamplingError), $"channel {channel}");
                Assert.That(Variance(soft, channel), Is.LessThan(Variance(exact, channel)), $"the barycentric map averages, channel {channel}");
            }
        }
    }

    [Test]
    public void Transfer_SinkhornThatDoesNotConverge_StillWritesAndExitsWithOne()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of(
            "transfer", Photo("china.png"), Photo("flower.png"), "--samples", "50", "--out", folder.PathOf("o.png"), "--method", "sinkhorn", "--epsilon", "0.001", "--max-iterations", "2", "--json");
        Assert.That(run.Code, Is.EqualTo(1));
        Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
        Assert.That(ImageFile.Read(folder.PathOf("o.png")).Width, Is.EqualTo(320));
    }

    [Test]
    public void Transfer_SameSeed_GivesTheSameBytesForAnyNumberOfThreads()
    {
        using TemporaryFolder folder = new();
        string[] command = ["transfer", Photo("flower.png"), Photo("china.png"), "--samples", "100"];
        CliRun.Answer([.. command, "--out", folder.PathOf("a.png"), "--threads", "1"]);
        CliRun.Answer([.. command, "--out", folder.PathOf("b.png"), "--threads", "3"]);
        CliRun.Answer([.. command, "--out", folder.PathOf("c.png"), "--seed", "1"]);
        Assert.That(File.ReadAllBytes(folder.PathOf("a.png")), Is.EqualTo(File.ReadAllBytes(folder.PathOf("b.png"))));
        Assert.That(File.ReadAllBytes(folder.PathOf("a.png")), Is.Not.EqualTo(File.ReadAllBytes(folder.PathOf("c.png"))));
    }

    [Test]
    public void Transfer_PhotoToItself_LeavesItNearlyAsItIs()
    {
        using TemporaryFolder folder = new();
        byte[] rgb = new byte[3 * 7 * 5];
        new Random(5).NextBytes(rgb);
        ImageFile.Write(folder.PathOf("in.png"), new PngImage(7, 5, rgb));
        CliRun.Answer("transfer", folder.PathOf("in.png"), folder.PathOf("in.png"), "--out", folder.PathOf("out.png"));
        Assert.That(ImageFile.Read(folder.PathOf("out.png")).Rgb, Is.EqualTo(rgb), "all 35 pixels are samples, and each stays where it is");
    }

    [Test]
    public void Transfer_PhotoOfOnePixel_TakesTheMeanColour()
    {
        using TemporaryFolder folder = new();
        ImageFile.Write(folder.PathOf("one.png"), new PngImage(1, 1, [10, 20, 30]));
        ImageFile.Write(folder.PathOf("two.png"), new PngImage(2, 1, [100, 0, 50, 200, 100, 50]));
        CliRun.Answer("transfer", folder.PathOf("one.png"), folder.PathOf("two.png"), "--out", folder.PathOf("out.png"));
        Assert.That(ImageFile.Read(folder.PathOf("out.png")).Rgb, Is.EqualTo(new byte[] { 150, 50, 50 }));
    }

    [Test]
    public void Transfer_BadInput_IsRefused()
    {
        using TemporaryFolder folder = new();
        string text = CaseFiles.Text(folder, "text.png", "no image");
        string photo = Photo("china.png");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["transfer", photo, photo], "--out is missing");
            CliRun.AssertRefused(2, ["transfer", photo, "--out", folder.PathOf("o.png")], "reference");
            CliRun.AssertRefused(2, ["transfer", photo, text, "--out", folder.PathOf("o.png")], text);
            CliRun.AssertRefused(2, ["transfer", photo, photo, "--out", folder.PathOf("o.jpg")], "o.jpg", ".png");
            CliRun.AssertRefused(2, ["transfer", photo, photo, "--out", folder.PathOf("o.png"), "--samples", "0"], "--samples is '0'");
            CliRun.AssertRefused(2, ["transfer", photo, photo, "--out", folder.PathOf("o.png"), "--method", "linear"], "linear", "exact");
        }
    }

    private static string Photo(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "samples", "data", name);

    private static double Variance(PngImage image, int channel) =>
        Enumerable.Range(0, image.Width * image.Height).Average(pixel => Math.Pow(image.Rgb[(3 * pixel) + channel], 2)) - Math.Pow(Mean(image, channel), 2);

    private static double Mean(PngImage image, int channel) =>
        Enumerable.Range(0, image.Width * image.Height).Average(pixel => image.Rgb[(3 * pixel) + channel]);
}
