using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Results;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
[Category("Simd")]
public sealed class KantorovichPotentialTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // A cost of a few coordinates less a potential: fewer than a hundred roundings of 2^-53, of the largest number involved.
    private const double Rounding = 1e-14;

    // The simplex passes over reduced costs below 2^-43 of the numbers they come from; twice that for the two sides.
    private const double PricingSlack = 1.0 / (1L << 42);

    private static readonly (Cost Cost, NaiveCost Naive)[] Costs =
    [
        (Cost.Euclidean, NaiveCost.Euclidean), (Cost.Manhattan, NaiveCost.Manhattan), (Cost.Chebyshev, NaiveCost.Chebyshev),
        (Cost.PNorm(3), NaiveCost.PNorm(3, 1)), (Cost.SquaredEuclidean, NaiveCost.SquaredEuclidean), (Cost.Cosine, NaiveCost.Cosine),
    ];

    [Test]
    public void At_OraclePoints_HasTheOracleValues()
    {
        using Engine engine = Engine.Create();
        foreach (TransformCase oracle in OracleFile.Transforms)
        {
            TransportProblem<T> problem = Problem(oracle.X, oracle.Y, oracle.Dimension, Named(oracle.Cost), oracle.A, oracle.B);
            KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[oracle.A.Length], oracle.G), TransportSide.A);
            double[] values = new double[oracle.CTransform.Length];

            f.At(Typed(oracle.NewPoints), values);

            double tolerance = Rounding * TransportEvidence.LargestMagnitude(oracle.CTransform.Concat(oracle.G).Append(1));
            Assert.That(values, Is.EqualTo(oracle.CTransform).Within(tolerance), oracle.Name);
        }
    }

    [Test]
    public void At_AtomsOfAnExactAnswer_IsItsPotential([Range(0, 5)] int cost)
    {
        Solved solved = Solve(cost, 41, 29, 3);
        using Engine engine = Engine.Create();
        double[] f = new double[41], g = new double[29];

        engine.Potential(solved.Problem, solved.Potentials, TransportSide.A).At(Typed(solved.X), f);
        engine.Potential(solved.Problem, solved.Potentials, TransportSide.B).At(Typed(solved.Y), g);

        double tolerance = PricingSlack * TransportEvidence.LargestMagnitude([.. solved.F, .. solved.G, .. solved.CostMatrix]);
        Assert.That(Where(f, solved.A), Is.EqualTo(Where(solved.F, solved.A)).Within(tolerance));
        Assert.That(Where(g, solved.B), Is.EqualTo(Where(solved.G, solved.B)).Within(tolerance));
    }

    [Test]
    public void At_CostIsAMetric_OneFunctionAloneGivesTheDistance([Range(0, 3)] int cost)
    {
        Solved solved = Solve(cost, 23, 37, 2);
        using Engine engine = Engine.Create();
        T[] x = Typed(solved.X), y = Typed(solved.Y), elsewhere = Typed(Drawn.Cloud(9, 50, 2));
        KantorovichPotential<T> f = engine.Potential(solved.Problem, solved.Potentials, TransportSide.A);
        KantorovichPotential<T> g = engine.Potential(solved.Problem, solved.Potentials, TransportSide.B);
        double[] At(KantorovichPotential<T> potential, T[] points)
        {
            double[] values = new double[points.Length / 2];
            potential.At(points, values);
            return values;
        }

        double tolerance = PricingSlack * TransportEvidence.LargestMagnitude([.. solved.F, .. solved.G, .. solved.CostMatrix]);
        double[] fx = At(f, x), fy = At(f, y), gx = At(g, x), gy = At(g, y);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Where(fy, solved.B), Is.EqualTo(Where(Negated(solved.G), solved.B)).Within(tolerance));
            Assert.That(Where(gx, solved.A), Is.EqualTo(Where(Negated(solved.F), solved.A)).Within(tolerance));
            Assert.That(Where(gy, solved.B), Is.EqualTo(Where(Negated(fy), solved.B)).Within(tolerance));
            Assert.That(At(g, elsewhere).Zip(At(f, elsewhere), (second, first) => second + first), Is.All.GreaterThanOrEqualTo(-tolerance));
            Assert.That(
                TransportEvidence.DualCost(fx, Negated(fy), solved.A, solved.B), Is.EqualTo(solved.Cost).Within(tolerance * (solved.A.Sum() + solved.B.Sum())));
        }
    }

    // Whole numbers, so that ties are ties. With 2 coordinates a tile has 2,048 columns.
    [Test]
    public void Map_Ties_TakesTheLowestAtomWithMass([Values(1, 7, 8, 9, 17, 2049)] int m, [Values(1, 19)] int count)
    {
        double[] y = Drawn.CoincidingCloud(m, m, 2), points = Drawn.CoincidingCloud(100 + m, count, 2);
        double[] b = Drawn.Weights(m, m), g = Drawn.Costs(m, m, 1, 2);
        using Engine engine = Engine.Create();
        TransportProblem<T> problem = Problem([0, 0], y, 2, Cost.SquaredEuclidean, [1], b);
        KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[1], g), TransportSide.A);
        int[] atoms = new int[count];
        T[] images = new T[2 * count];

        f.Atoms(Typed(points), atoms);
        f.Map(Typed(points), images);

        double[] costs = NaiveCost.SquaredEuclidean.Between(points, y, 2);
        int[] expected = [.. Enumerable.Range(0, count).Select(k => Enumerable.Range(0, m).Where(j => b[j] > 0).MinBy(j => costs[(k * m) + j] - g[j]))];
        Assert.That(atoms, Is.EqualTo(expected));
        Assert.That(images, Is.EqualTo(Typed([.. expected.SelectMany(j => y[(2 * j)..((2 * j) + 2)])])));
    }

    [Test]
    public void Map_SquaredEuclidean_IsThePointLessHalfTheGradient()
    {
        // Inside the region of one atom f is a quadratic, whose central difference is exact up to rounding over the step;
        // a step of 2^-8 is exact in float.
        const double Step = 1.0 / (1 << 8), DifferenceRounding = 1e-10;
        Solved solved = Solve(4, 31, 17, 3);
        using Engine engine = Engine.Create();
        KantorovichPotential<T> f = engine.Potential(solved.Problem, solved.Potentials, TransportSide.A);
        double[] points = [.. Drawn.Cloud(8, 60, 3).Select(v => Math.Round(v * 1024) / 1024)];
        int checkedPoints = 0;
        for (int k = 0; k < 60; k++)
        {
            double[] point = points[(3 * k)..((3 * k) + 3)];
            double[][] around = [.. Enumerable.Range(0, 6).Select(side => point.Select((v, c) => c == side / 2 ? v + (side % 2 == 0 ? Step : -Step) : v).ToArray())];
            int[] atoms = new int[7];
            f.Atoms(Typed([.. point, .. around.SelectMany(p => p)]), atoms);
            if (atoms.Distinct().Count() > 1)
                continue;
            checkedPoints++;
            T[] image = new T[3];
            f.Map(Typed(point), image);
            double[] gradient = [.. Enumerable.Range(0, 3).Select(c => (f.At(Typed(around[2 * c])) - f.At(Typed(around[(2 * c) + 1]))) / (2 * Step))];
            Assert.That(point.Zip(gradient, (v, slope) => v - (slope / 2)), Is.EqualTo(Wide(image)).Within(DifferenceRounding));
        }

        Assert.That(checkedPoints, Is.GreaterThan(30));
    }

    [Test]
    public void At_MorePointsThanASlab_IsTheSameAsOneByOne()
    {
        // A slab holds 2^20 coordinates.
        const int Count = (1 << 20) + 3;
        T[] points = Typed([.. Enumerable.Range(0, Count).Select(k => (k % 1000) / 8.0)]);
        TransportProblem<T> problem = Problem([0], [5, 1, 77], 1, Cost.Manhattan, [1], [0.5, 0, 0.5]);
        using Engine engine = Engine.Create();
        KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[1], new double[] { 1, 0, 3 }), TransportSide.A);
        double[] values = new double[Count];
        int[] atoms = new int[Count];

        f.At(points, values);
        f.Atoms(points, atoms);

        int[] some = [0, 511, (1 << 20) - 1, 1 << 20, Count - 1];
        using (Assert.EnterMultipleScope())
        {
            foreach (int k in some)
            {
                double first = Math.Abs(((k % 1000) / 8.0) - 5) - 1, second = Math.Abs(((k % 1000) / 8.0) - 77) - 3;
                Assert.That(values[k], Is.EqualTo(Math.Min(first, second)));
                Assert.That(atoms[k], Is.EqualTo(first <= second ? 0 : 2));
                Assert.That(f.At(points.AsSpan(k, 1)), Is.EqualTo(values[k]));
            }
        }
    }

    [Test]
    public void AtAndAtoms_AnyNumberOfThreads_GiveTheSameBits()
    {
        TransportProblem<T> problem = Problem(
            Drawn.Cloud(1, 3, 5), Drawn.Cloud(2, 1201, 5), 5, Cost.Euclidean, Drawn.ExactWeights(3, 3), Drawn.ExactWeights(4, 1201));
        T[] points = Typed(Drawn.Cloud(5, 907, 5));
        (long[] Bits, int[] Atoms)[] answers = [.. new[] { 1, 2, 7 }.Select(threads =>
        {
            using Engine engine = Engine.Create(options => options.Threads = threads);
            KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[3], Drawn.Cloud(6, 1201, 1)), TransportSide.A);
            double[] values = new double[907];
            int[] atoms = new int[907];
            f.At(points, values);
            f.Atoms(points, atoms);
            return (Array.ConvertAll(values, BitConverter.DoubleToInt64Bits), atoms);
        })];

        foreach ((long[] bits, int[] atoms) in answers[1..])
        {
            Assert.That(bits, Is.EqualTo(answers[0].Bits));
            Assert.That(atoms, Is.EqualTo(answers[0].Atoms));
        }
    }

    [Test]
    public void At_NoPoints_WritesNothing()
    {
        TransportProblem<T> problem = Problem([0, 0], [1, 2], 2, Cost.Euclidean, [1], [1]);
        using Engine engine = Engine.Create();

        Assert.That(() => engine.Potential(problem, new DualPotentials(new double[1], new double[1]), TransportSide.A).At([], []), Throws.Nothing);
    }

    [Test]
    public void Potential_Refused_SaysWhy()
    {
        using Engine engine = Engine.Create();
        TransportProblem<T> points = Problem([0, 0], [1, 2, 3, 4], 2, Cost.Euclidean, [1], [0.5, 0.5]);
        TransportProblem<T> matrix = TransportProblem.FromCosts(new T[1, 2]);
        ProblemError? Error(TransportProblem<T> problem, double[] g, TransportSide side = TransportSide.A) =>
            Assert.Throws<ProblemException>(() => engine.Potential(problem, new DualPotentials(new double[1], g), side))?.Error;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Error(matrix, [0, 0]), Is.EqualTo(ProblemError.Unsupported));
            Assert.That(Error(points, [0, 0, 0]), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(points, [0, double.NaN]), Is.EqualTo(ProblemError.NotFinite));
            Assert.That(Error(points, [0, 0], (TransportSide)(-1)), Is.EqualTo(ProblemError.OutOfRange));
        }
    }

    [Test]
    public void At_Refused_SaysWhy()
    {
        using Engine engine = Engine.Create();
        TransportProblem<T> problem = Problem([1, 0], [1, 2, 3, 4], 2, Cost.Cosine, [1], [0.5, 0.5]);
        KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[1], new double[2]), TransportSide.A);
        T[] memory = new T[6];
        ProblemError? Error(Action call) => Assert.Throws<ProblemException>(call)?.Error;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Error(() => f.At(Typed([1]))), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(() => f.At(Typed([1, 2, 3]), new double[1])), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(() => f.At(Typed([1, 2, 3, 4]), new double[1])), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(() => f.Map(Typed([1, 2, 3, 4]), new T[2])), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(() => f.Atoms(Typed([1, 2, 3, 4]), new int[3])), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error(() => f.At(Typed([1, double.NaN]))), Is.EqualTo(ProblemError.NotFinite));
            Assert.That(Error(() => f.At(Typed([1, 1, 0, 0]), new double[2])), Is.EqualTo(ProblemError.OutOfRange));
            Assert.That(Error(() => f.Map(memory.AsSpan(0, 4), memory.AsSpan(2, 4))), Is.EqualTo(ProblemError.Overlap));
        }
    }

    [Test]
    public void At_EngineDisposed_Throws()
    {
        TransportProblem<T> problem = Problem([0, 0], [1, 2], 2, Cost.Euclidean, [1], [1]);
        Engine engine = Engine.Create();
        KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[1], new double[1]), TransportSide.A);
        engine.Dispose();

        Assert.That(() => f.At(Typed([0, 0])), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void At_CancelledWhileRunning_Ends()
    {
        // 10^12 costs, minutes of work.
        TransportProblem<T> problem = TransportProblem.On(new PointCloudGeometry<T>(new T[1], Typed(Drawn.Uniform(2, 1_000_000)), 1, Cost.Euclidean));
        using Engine engine = Engine.Create();
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(20));
        KantorovichPotential<T> f = engine.Potential(problem, new DualPotentials(new double[1], new double[1_000_000]), TransportSide.A);

        Assert.That(
            () => f.At(Typed(Drawn.Uniform(3, 1_000_000)), new double[1_000_000], source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static Solved Solve(int cost, int n, int m, int dimension)
    {
        double[] x = Wide(Typed(Drawn.Cloud(n, n, dimension))), y = Wide(Typed(Drawn.Cloud(m, m, dimension, offset: 1)));
        double[] a = Drawn.ExactWeights(n, n), b = Drawn.ExactWeights(m, m);
        TransportProblem<T> problem = Problem(x, y, dimension, Costs[cost].Cost, a, b);
        using Engine engine = Engine.Create();
        using TransportResult<T> result = engine.Solve(problem, new Exact());
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
        return new Solved(problem, x, y, a, b, Costs[cost].Naive.Between(x, y, dimension), result.TransportCost, result.Potentials);
    }

    private static TransportProblem<T> Problem(double[] x, double[] y, int dimension, Cost cost, double[] a, double[] b) =>
        TransportProblem.On(new PointCloudGeometry<T>(Typed(x), Typed(y), dimension, cost)).WithWeights(Typed(a), Typed(b));

    private static Cost Named(NaiveCost cost) => Costs.Single(pair => pair.Naive == cost).Cost;

    private static double[] Negated(double[] values) => [.. values.Select(v => -v)];

    private static double[] Where(double[] values, double[] weights) => [.. values.Where((_, i) => weights[i] > 0)];

    private static T[] Typed(double[] values) => Array.ConvertAll(values, T.CreateTruncating);

    private static double[] Wide(T[] values) => Array.ConvertAll(values, double.CreateTruncating);

    private sealed record Solved(
        TransportProblem<T> Problem, double[] X, double[] Y, double[] A, double[] B, double[] CostMatrix, double Cost, DualPotentials Potentials)
    {
        public double[] F => Potentials.F.ToArray();

        public double[] G => Potentials.G.ToArray();
    }
}
