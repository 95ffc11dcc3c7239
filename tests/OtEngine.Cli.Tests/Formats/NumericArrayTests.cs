using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class NumericArrayTests
{
    [TestCase(5)]
    [TestCase(5, 1)]
    [TestCase(1, 5)]
    public void AsVector_OfThreeShapes_IsTheSame(params int[] shape)
    {
        double[] values = [1, 0, 2, 0.5, 3];

        Assert.That(new NumericArray("w.npy", values, shape, "float64").AsVector(), Is.SameAs(values));
    }

    [TestCase(2, 3)]
    [TestCase(1, 6, 1)]
    public void AsVector_OfAMatrix_IsRefused(params int[] shape) => AssertRefused(
        () => new NumericArray("w.npy", new double[6], shape, "float64").AsVector(), "w.npy", NumericArray.Describe(shape), "n x 1");

    [Test]
    public void AsMatrix_TakesVectorsAsColumns()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new NumericArray("x", new double[6], [2, 3], "").AsMatrix(), Is.EqualTo((2, 3)));
            Assert.That(new NumericArray("x", new double[6], [6], "").AsMatrix(), Is.EqualTo((6, 1)));
            Assert.That(new NumericArray("x", new double[1], [], "").AsMatrix(), Is.EqualTo((1, 1)));
            AssertRefused(() => new NumericArray("x.npy", new double[6], [1, 2, 3], "").AsMatrix(), "x.npy", "1 x 2 x 3", "rows x columns");
        }
    }

    [Test]
    public void PlaceOf_AnArray_CountsRowsFromOneAndElementsAsNumPyDoes()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new NumericArray("x", new double[6], [6], "").PlaceOf(4), Is.EqualTo("row 5 (element [4])"));
            Assert.That(new NumericArray("x", new double[6], [2, 3], "").PlaceOf(5), Is.EqualTo("row 2, column 3 (element [1, 2])"));
            Assert.That(new NumericArray("x", new double[6], [1, 2, 3], "").PlaceOf(3), Is.EqualTo("element [0, 1, 0]"));
            Assert.That(new NumericArray("x", new double[1], [], "").PlaceOf(0), Is.EqualTo("element []"));
        }
    }

    [Test]
    public void PlaceOf_AText_CountsLinesAsAnEditorDoes()
    {
        NumericArray array = CsvReader.Read(new MemoryStream("# made by hand\nx,y\n\n1,2\n# half way\n3,4\n"u8.ToArray()), "x.csv", ReadLimits.Default);

        Assert.That(array.PlaceOf(1), Is.EqualTo("row 4, column 2"));
        Assert.That(array.PlaceOf(2), Is.EqualTo("row 6, column 1"));
    }

    [Test]
    public void Constructor_ValuesThatDoNotFillTheShape_Throws()
    {
        Assert.Throws<ArgumentException>(() => _ = new NumericArray("x", new double[5], [2, 3], ""));
        Assert.That(NumericArray.CountElements([int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue]), Is.GreaterThan(int.MaxValue));
    }
}
