using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class OutputFileTests
{
    [Test]
    public void Create_BeforeCommit_LeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("plan.csv");
        OutputFile.WriteText(path, "old");
        using (OutputFile file = OutputFile.Create(path))
        {
            file.Stream.Write("new"u8);
            Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
            file.Commit();
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo("new"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "plan.csv" }));
    }

    [Test]
    public void Dispose_WithoutCommit_LeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("plan.csv");
        OutputFile.WriteText(path, "old");
        Assert.Throws<InvalidOperationException>(() =>
        {
            using OutputFile file = OutputFile.Create(path);
            file.Stream.Write("half"u8);
            throw new InvalidOperationException("stopped");
        });

        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "plan.csv" }));
    }

    [Test]
    public void Write_ValuesThatDoNotFillTheShape_LeavesNothing()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<ArgumentException>(() => NpyWriter.Write<double>(folder.PathOf("a.npy"), [1, 2, 3], 2, 2));
        Assert.Throws<ArgumentException>(() => CsvWriter.Write<double>(folder.PathOf("a.csv"), [1, 2, 3], 2));
        Assert.Throws<NotSupportedException>(() => NpyWriter.Write<int>(folder.PathOf("a.npy"), [1, 2, 3], 3));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void Create_WhereItCannotBe_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(() => OutputFile.Create(folder.PathOf("no/such/a.npy")), folder.PathOf("no/such/a.npy"), "folder does not exist");
        AssertRefused(() => OutputFile.Create(folder.PathOf(".")), folder.PathOf("."), "directory");
        AssertRefused(() => OutputFile.Create(""), "''", "empty");
        AssertRefused(() => OutputFile.Create(folder.PathOf(new string('a', 300))), folder.PathOf("aaa"), "cannot be written");
    }

    [Test]
    [Platform("Linux")]
    public void Create_ThroughALink_ReplacesWhatTheLinkNames()
    {
        using var folder = new TemporaryFolder();
        OutputFile.WriteText(folder.PathOf("real.csv"), "old");
        File.CreateSymbolicLink(folder.PathOf("link.csv"), folder.PathOf("real.csv"));

        OutputFile.WriteText(folder.PathOf("link.csv"), "new");

        Assert.That(new FileInfo(folder.PathOf("link.csv")).LinkTarget, Is.Not.Null);
        Assert.That(File.ReadAllText(folder.PathOf("real.csv")), Is.EqualTo("new"));
    }

    [Test]
    [Platform("Linux")]
    public void Write_ToADevice_LeavesTheDevice()
    {
        NpyWriter.Write<double>("/dev/null", [1, 2, 3], 3);

        Assert.That(File.Exists("/dev/null"));
        Assert.That(File.ReadAllBytes("/dev/null"), Is.Empty);
    }

    [Test]
    [Platform("Linux")]
    public void Write_ToAFullDisk_SaysSo()
    {
        double[] values = [.. Enumerable.Range(0, 10007).Select(i => 1.0 / (i + 1))];

        AssertRefused(() => NpyWriter.Write<double>("/dev/full", values, values.Length), "/dev/full", "cannot be written", "space");
        AssertRefused(() => CsvWriter.Write<double>("/dev/full", values, 1), "/dev/full", "space");
        AssertRefused(() => ImageFile.Write("/dev/full", new PngImage(1, 1, [1, 2, 3])), "/dev/full", "space");
        AssertRefused(
            () =>
            {
                using var npz = new NpzWriter("/dev/full");
                npz.Add<double>("f", values, values.Length);
                npz.Commit();
            },
            "/dev/full",
            "space");
    }
}
