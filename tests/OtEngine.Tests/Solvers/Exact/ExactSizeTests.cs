using System.Globalization;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Every way to state a problem at sizes around the widths of vectors, uneven and zero weights throughout.</summary>
[Category("Simd")]
public sealed class ExactSizeTests
{
    // Beyond this many atoms the naive programme is too slow; the transposed problem and the certificate take its place.
    private const int LargestNaive = 36;

    // Two answers whose certificates each allow a gap of 1e-9.
    private const double TwoCertificates = 2 * ExactEvidence.CertificateInDouble;

    private static readonly int[] Sizes = [1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129];

    private static readonly int[] Dimensions = [1, 2, 3, 9];

    private static readonly NaiveCost[] Grounds =
    [
        NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.Cosine,
        NaiveCost.PNorm(3, 1), NaiveCost.PNorm(1.5, 2), NaiveCost.PNorm(2, 3),
    ];

    private static IEnumerable<TestCaseData> Pairs() =>
        from k in Enumerable.Range(0, Sizes.Length)
        from other in new[] { k, k + 1, (7 * k) + 3 }
        select new TestCaseData(Sizes[k], Sizes[other % Sizes.Length]);

    [TestCaseSource(nameof(Pairs))]
    public void Solve_PointsStoredUnstoredAndDense_ProveTheSameValue(int n, int m)
    {
        using Engine unstored = Engine.Create(o => o.CostMatrixBudget = 0);
        for (int k = 0; k < Dimensions.Length; k++)
        {
            int dimension = Dimensions[k], seed = (1000 * n) + m + k;
            NaiveCost ground = Grounds[(n + m + (3 * k)) % Grounds.Length];

            // On the line the cosine knows signs only, and 1 - 1 is a rounding that no relative bound fits: it has a test of its own.
            if (dimension == 1 && ground == NaiveCost.Cosine)
                ground = NaiveCost.Euclidean;
            string name = string.Create(CultureInfo.InvariantCulture, $"{n} x {m}, d = {dimension}, {ground.Name}");
            double[] x = Drawn.Cloud(seed, n, dimension), y = Drawn.Cloud(seed + 1, m, dimension);
            double[] a = Drawn.Weights(seed + 2, n), b = Drawn.Weights(seed + 3, m);
            double[] cost = ground.Between(x, y, dimension);
            TransportProblem<double> points = ExactInputs.Points<double>(x, y, dimension, ExactInputs.CostOf(ground), a, b);
            using TransportResult<double> stored = Engines.Default.Solve(points, new Exact());
            using TransportResult<double> computed = unstored.Solve(points, new Exact());
            using TransportResult<double> dense = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Exact());

            ExactEvidence.Proves(stored, cost, a, b, name);
            ExactEvidence.Proves(dense, cost, a, b, $"{name}, dense");
            SameBits.Check(computed, stored, name);
            double expected = Expected(cost, a, b);
            Assert.That(RelativeError.Of(stored.TransportCost, expected), Is.LessThanOrEqualTo(TwoCertificates), name);
            Assert.That(RelativeError.Of(dense.TransportCost, expected), Is.LessThanOrEqualTo(TwoCertificates), $"{name}, dense");
        }
    }

    [TestCaseSource(nameof(Pairs))]
    public void Solve_CosineOnTheLine_CostsTwiceTheMassThatTurns(int n, int m)
    {
        const double RoundingOfOne = 1e-14;
        double[] x = Drawn.Cloud(n, n, 1), y = Drawn.Cloud(m, m, 1), a = Drawn.Weights(n + 1, n), b = Drawn.Weights(m + 2, m);
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(x, y, 1, Cost.Cosine, a, b), new Exact());

        double turned = Math.Abs(NeumaierSum.Of(a.Where((_, i) => x[i] > 0)) - NeumaierSum.Of(b.Where((_, j) => y[j] > 0)));
        double[] f = result.Potentials.F.ToArray(), g = result.Potentials.G.ToArray();
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(result.TransportCost, Is.EqualTo(2 * turned).Within(RoundingOfOne));
        Assert.That(f.SelectMany((p, i) => g.Select((q, j) => p + q - (x[i] * y[j] > 0 ? 0 : 2))), Is.All.LessThanOrEqualTo(RoundingOfOne));
    }

    [TestCaseSource(nameof(Pairs))]
    public void Solve_TiedWholeCosts_HaveTheSameValueInFloatAndSparse(int n, int m)
    {
        int seed = (1000 * n) + m;
        double[] cost = Drawn.Costs(seed, n, m, 9), a = Drawn.ExactWeights(seed + 1, n), b = Drawn.ExactWeights(seed + 2, m);
        string name = string.Create(CultureInfo.InvariantCulture, $"{n} x {m}");
        using TransportResult<double> dense = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Exact());
        using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Dense<float>(cost, a, b), new Exact());
        using TransportResult<double> sparse = Engines.Default.Solve(ExactInputs.Sparse<double>(cost, a, b), new Exact());

        // Whole costs and weights of 20 bits: float loses nothing, and every sum is exact.
        ExactEvidence.Proves(dense, cost, a, b, name);
        ExactEvidence.Proves(narrow, cost, a, b, $"{name}, float");
        ExactEvidence.Proves(sparse, cost, a, b, $"{name}, sparse");
        Assert.That((narrow.TransportCost, sparse.TransportCost), Is.EqualTo((dense.TransportCost, dense.TransportCost)), name);
        Assert.That(Expected(cost, a, b), Is.EqualTo(dense.TransportCost), name);
    }

    [Test]
    public void Geometry_SideWithoutAtoms_IsRefusedAsEmpty()
    {
        double[] some = [1, 2, 3];
        Assert.That(() => new DenseGeometry<double>([], 0, 3), Refused);
        Assert.That(() => new DenseGeometry<double>([], 3, 0), Refused);
        Assert.That(() => new PointCloudGeometry<double>([], some, 1, Cost.Euclidean), Refused);
        Assert.That(() => new PointCloudGeometry<double>(some, [], 1, Cost.Euclidean), Refused);
        Assert.That(() => new SparseGeometry<double>([0], [], [], 3), Refused);
        Assert.That(() => new SparseGeometry<double>([0, 0], [], [], 0), Refused);
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Refused =>
        Throws.TypeOf<ProblemException>().With.Property(nameof(ProblemException.Error)).EqualTo(ProblemError.Empty);

    private static double Expected(double[] cost, double[] a, double[] b)
    {
        if (a.Length + b.Length <= LargestNaive)
            return NaiveTransportLp.Solve(cost, a, b).Value;
        double[] transposed = [.. b.SelectMany((_, j) => a.Select((_, i) => cost[(i * b.Length) + j]))];
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(transposed, b, a), new Exact());
        ExactEvidence.Proves(result, transposed, b, a, "transposed");
        return result.TransportCost;
    }
}
