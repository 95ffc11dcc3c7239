using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class MatrixThumbnailTests
{
    private static readonly double[] Matrix =
    [
        1, 2, -3, double.NaN,
        5, 0, double.NaN, double.NaN,
        7, 7, 9, 11,
    ];

    [TestCase(ThumbnailRule.Max, new[] { 5, -3, 7, 11.0 })]
    [TestCase(ThumbnailRule.Mean, new[] { 2, -3, 7, 10.0 })]
    public void Of_ALargerMatrix_JoinsNeighboursAndLeavesOutNaN(ThumbnailRule rule, double[] expected)
    {
        MatrixThumbnail small = MatrixThumbnail.Of(Matrix, 3, 4, 2, rule);

        Assert.That((small.Rows, small.Columns), Is.EqualTo((2, 2)));
        Assert.That(small.Values, Is.EqualTo(expected));
    }

    [TestCase(3, 4)]
    [TestCase(12, 1)]
    [TestCase(1, 12)]
    public void Of_ASmallerMatrix_IsTheMatrix(int rows, int columns) =>
        Assert.That(MatrixThumbnail.Of(Matrix, rows, columns, 12, ThumbnailRule.Mean).Values, Is.EqualTo(Matrix));

    [Test]
    public void Of_CellsWithoutAnyValue_AreNaN() =>
        Assert.That(MatrixThumbnail.Of([double.NaN, double.NaN, 1, 0], 1, 4, 2, ThumbnailRule.Max).Values, Is.EqualTo(new[] { double.NaN, 1 }));
}
