using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class WriterRoundTripTests
{
    private static readonly double[] Awkward = [0, -0.0, 0.1, 1.0 / 3, double.Epsilon, double.MaxValue, -1e-300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 5e-324, 123456789012345680];

    [TestCase(12)]
    [TestCase(3, 4)]
    [TestCase(2, 1, 6)]
    public void Npy_WrittenThenRead_IsBitwiseTheSame(params int[] shape)
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Write<double>(folder.PathOf("a.npy"), Awkward, shape);

        NumericArray array = NumericFile.Read(folder.PathOf("a.npy"));

        Assert.That(array.Values.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(Awkward.Select(BitConverter.DoubleToInt64Bits)));
        Assert.That(array.Shape.ToArray(), Is.EqualTo(shape));
        Assert.That(folder.Files, Is.EqualTo(new[] { "a.npy" }));
    }

    [Test]
    public void Csv_WrittenThenRead_IsBitwiseTheSame()
    {
        using var folder = new TemporaryFolder();
        CsvWriter.Write<double>(folder.PathOf("a.csv"), Awkward, 4, ["a", "b", "c", "d"]);

        NumericArray array = NumericFile.Read(folder.PathOf("a.csv"));

        Assert.That(array.Values.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(Awkward.Select(BitConverter.DoubleToInt64Bits)));
        Assert.That(array.AsMatrix(), Is.EqualTo((3, 4)));
    }

    [Test]
    public void Npz_WrittenThenRead_IsBitwiseTheSame()
    {
        using var folder = new TemporaryFolder();
        using (var npz = new NpzWriter(folder.PathOf("a.npz")))
        {
            npz.Add<double>("f", Awkward, 12);
            npz.Add<float>("g", [1, 2.5f, -3], 3, 1);
            npz.Commit();
        }

        Assert.That(NumericFile.Read(folder.PathOf("a.npz:f")).Values.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(Awkward.Select(BitConverter.DoubleToInt64Bits)));
        Assert.That(NumericFile.Read(folder.PathOf("a.npz:g")).Values, Is.EqualTo(new[] { 1, 2.5, -3 }));
        Assert.That(folder.Files, Is.EqualTo(new[] { "a.npz" }));
    }

    [Test]
    public void Npz_NotCommitted_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using (var npz = new NpzWriter(folder.PathOf("a.npz")))
            npz.Add<double>("f", [1, 2], 2);

        Assert.That(folder.Files, Is.Empty);
    }
}
