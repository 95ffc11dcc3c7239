using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
[Category("Simd")]
public sealed class EngineCTransformTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // A cost of at most 17 coordinates less a potential: fewer than a hundred roundings of 2^-53, of the largest number involved.
    private const double Rounding = 1e-14;

    // Pairs around one and two vectors of eight, and primes; not square.
    private static readonly (int N, int M)[] Sizes =
        [(1, 1), (1, 8), (9, 1), (7, 8), (8, 7), (8, 9), (9, 15), (15, 17), (16, 16), (17, 16), (23, 31), (64, 65), (127, 33)];

    private static readonly (Cost Cost, NaiveCost Naive)[] Costs =
    [
        (Cost.SquaredEuclidean, NaiveCost.SquaredEuclidean), (Cost.Euclidean, NaiveCost.Euclidean), (Cost.Manhattan, NaiveCost.Manhattan),
        (Cost.Chebyshev, NaiveCost.Chebyshev), (Cost.Cosine, NaiveCost.Cosine), (Cost.PNorm(3, 1.5), NaiveCost.PNorm(3, 1.5)),
    ];

    [Test]
    public void CTransform_Matrix_IsTheNaiveMinimumOverTheSupport([ValueSource(nameof(Sizes))] (int N, int M) size)
    {
        var (n, m) = size;
        T[] costs = Typed(Drawn.Cloud(n + (1000 * m), n, m));
        DenseGeometry<T> geometry = new(costs, n, m);
        AssertBothSides(geometry, Wide(costs), 7);
    }

    // 512 columns make a task by columns, 4,096 columns a tile by rows.
    [TestCase(3, 511)]
    [TestCase(3, 513)]
    [TestCase(131, 4095)]
    [TestCase(131, 4097)]
    public void CTransform_MatrixOfSeveralTasks_IsTheNaiveMinimumOverTheSupport(int n, int m)
    {
        T[] costs = Typed(Drawn.Costs(n * m, n, m, 1_000_000));
        AssertBothSides(new DenseGeometry<T>(costs, n, m), Wide(costs), 11);
    }

    [Test]
    public void CTransform_Points_IsTheNaiveMinimumOverTheSupport(
        [Range(0, 5)] int cost, [Values(1, 2, 7, 8, 9, 12, 17)] int dimension, [Values(1, 8, 17, 31)] int m)
    {
        int n = 19;
        T[] x = Typed(Drawn.Cloud(dimension, n, dimension)), y = Typed(Drawn.Cloud(100 + m, m, dimension, offset: 0.25));
        PointCloudGeometry<T> geometry = new(x, y, dimension, Costs[cost].Cost);
        AssertBothSides(geometry, Costs[cost].Naive.Between(Wide(x), Wide(y), dimension), m);
    }

    // With 2 coordinates a tile has 2,048 columns, and 131 rows of so many make two tasks.
    [TestCase(131, 2047)]
    [TestCase(131, 2049)]
    public void CTransform_PointsOfSeveralTasks_IsTheNaiveMinimumOverTheSupport(int n, int m)
    {
        T[] x = Typed(Drawn.Cloud(1, n, 2)), y = Typed(Drawn.Cloud(2, m, 2));
        AssertBothSides(new PointCloudGeometry<T>(x, y, 2, Cost.SquaredEuclidean), NaiveCost.SquaredEuclidean.Between(Wide(x), Wide(y), 2), 5);
    }

    [TestCase(1, 1)]
    [TestCase(9, 8)]
    [TestCase(17, 23)]
    public void CTransform_Arcs_IsTheNaiveMinimumOverTheSupportAndInfiniteWithoutArcs(int n, int m)
    {
        // An absent arc costs more than any other, so that the naive minimum meets it only where there is nothing else.
        const double Absent = 1e30;
        double[] costs = [.. Drawn.Costs(n, n, m, 50).Select(c => c > 15 ? Absent : c)];
        List<int> starts = [0], columns = [];
        List<double> kept = [];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                if (costs[(i * m) + j] == Absent)
                    continue;
                columns.Add(j);
                kept.Add(costs[(i * m) + j]);
            }

            starts.Add(columns.Count);
        }

        SparseGeometry<T> geometry = new([.. starts], [.. columns], Typed([.. kept]), m);
        using Engine engine = Engine.Create();
        T[] a = Typed(Drawn.Weights(1, n)), b = Typed(Drawn.Weights(2, m));
        double[] f = Drawn.Costs(3, n, 1, 9), g = Drawn.Costs(4, m, 1, 9);
        double[] actualF = new double[n], actualG = new double[m];

        engine.CTransform<T>(geometry, TransportSide.A, g, b, actualF);
        engine.CTransform<T>(geometry, TransportSide.B, f, a, actualG);

        double[] ForAbsent(double[] values) => [.. values.Select(v => v > Absent / 2 ? double.PositiveInfinity : v)];
        Assert.That(actualF, Is.EqualTo(ForAbsent(NaiveCTransform.OfColumns(costs, g, Wide(b)))));
        Assert.That(actualG, Is.EqualTo(ForAbsent(NaiveCTransform.OfColumns(Transposed(costs, n, m), f, Wide(a)))));
    }

    [Test]
    public void CTransform_TwiceThere_ChangesNothing([Values(1, 8, 33)] int n, [Values(7, 16, 65)] int m)
    {
        // Whole numbers, so that there is no rounding and equality is meant to the last bit.
        T[] costs = Typed(Drawn.Costs(n + m, n, m, 1000));
        DenseGeometry<T> geometry = new(costs, n, m);
        T[] a = Typed(Drawn.Weights(1, n)), b = Typed(Drawn.Weights(2, m));
        double[] f = new double[n], g = Drawn.Costs(5, m, 1, 400), again = new double[n];
        using Engine engine = Engine.Create();

        engine.CTransform<T>(geometry, TransportSide.A, g, b, f);
        engine.CTransform<T>(geometry, TransportSide.B, f, a, g);
        engine.CTransform<T>(geometry, TransportSide.A, g, b, again);

        Assert.That(Where(again, a), Is.EqualTo(Where(f, a)));
    }

    [Test]
    public void CTransform_AnyNumberOfThreads_GivesTheSameBits()
    {
        T[] x = Typed(Drawn.Cloud(1, 601, 3)), y = Typed(Drawn.Cloud(2, 1543, 3));
        T[] costs = Typed(Drawn.Cloud(3, 601, 1543));
        T[] a = Typed(Drawn.Weights(4, 601)), b = Typed(Drawn.Weights(5, 1543));
        double[] f = Drawn.Cloud(6, 601, 1), g = Drawn.Cloud(7, 1543, 1);
        Geometry<T>[] geometries = [new PointCloudGeometry<T>(x, y, 3, Cost.Euclidean), new DenseGeometry<T>(costs, 601, 1543)];
        foreach (Geometry<T> geometry in geometries)
        {
            double[][] onSide = [.. new[] { 1, 2, 7 }.Select(threads =>
            {
                using Engine engine = Engine.Create(options => options.Threads = threads);
                double[] both = new double[601 + 1543];
                engine.CTransform<T>(geometry, TransportSide.A, g, b, both.AsSpan(0, 601));
                engine.CTransform<T>(geometry, TransportSide.B, f, a, both.AsSpan(601));
                return both;
            })];

            Assert.That(onSide[1].Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(onSide[0].Select(BitConverter.DoubleToInt64Bits)));
            Assert.That(onSide[2].Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(onSide[0].Select(BitConverter.DoubleToInt64Bits)));
        }
    }

    [Test]
    public void CTransform_Points_TakesMemoryLinearInTheAtoms()
    {
        // The matrix would take 160 MB; shift, support, coordinates and minima of 9,000 atoms take less than a hundredth of that.
        const long Allowed = 1_600_000;
        PointCloudGeometry<T> geometry = new(Typed(Drawn.Cloud(1, 4000, 2)), Typed(Drawn.Cloud(2, 5000, 2)), 2, Cost.SquaredEuclidean);
        double[] f = new double[4000], g = new double[5000];
        using Engine engine = Engine.Create(options => options.Threads = 1);

        long before = GC.GetAllocatedBytesForCurrentThread();
        engine.CTransform<T>(geometry, TransportSide.A, g, [], f);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(Allowed));
    }

    [Test]
    public void CTransform_AtomWithoutMass_IsNotRead()
    {
        DenseGeometry<T> geometry = new(Typed([1, 2, 3, 6, 5, 4]), 2, 3);
        double[] f = new double[2];
        using Engine engine = Engine.Create();

        engine.CTransform<T>(geometry, TransportSide.A, [double.NaN, 1, -1], Typed([0, 0.5, 0.5]), f);

        Assert.That(f, Is.EqualTo(new double[] { 1, 4 }));
    }

    [Test]
    public void CTransform_Refused_SaysWhy()
    {
        DenseGeometry<T> geometry = new(Typed([1, 2, 3, 6, 5, 4]), 2, 3);
        double[] memory = new double[5];
        T[] uniform = Typed([1, 1, 1]);
        using Engine engine = Engine.Create();
        ProblemError? Error(double[] potential, T[] weights, Memory<double> destination, TransportSide side = TransportSide.A) =>
            Assert.Throws<ProblemException>(() => engine.CTransform<T>(geometry, side, potential, weights, destination.Span))?.Error;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Error([0, 0], uniform, memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error([0, 0, 0], Typed([1, 1]), memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error([0, 0, 0], uniform, memory.AsMemory(0, 3)), Is.EqualTo(ProblemError.ShapeMismatch));
            Assert.That(Error([0, 0, 0], Typed([1, -1, 1]), memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.NegativeWeight));
            Assert.That(Error([0, 0, 0], Typed([1, double.NaN, 1]), memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.NotFinite));
            Assert.That(Error([0, 0, 0], Typed([0, 0, 0]), memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.ZeroMass));
            Assert.That(Error([0, double.PositiveInfinity, 0], [], memory.AsMemory(0, 2)), Is.EqualTo(ProblemError.NotFinite));
            Assert.That(Error([0, 0, 0], uniform, memory.AsMemory(0, 2), (TransportSide)2), Is.EqualTo(ProblemError.OutOfRange));
            Assert.That(
                Assert.Throws<ProblemException>(() => engine.CTransform<T>(geometry, TransportSide.A, memory.AsSpan(0, 3), [], memory.AsSpan(2, 2)))?.Error,
                Is.EqualTo(ProblemError.Overlap));
        }
    }

    [Test]
    public void CTransform_CancelledBefore_LeavesTheDestination()
    {
        DenseGeometry<T> geometry = new(Typed([1, 2, 3, 6, 5, 4]), 2, 3);
        double[] f = [7, 7];
        using Engine engine = Engine.Create();

        Assert.That(
            () => engine.CTransform<T>(geometry, TransportSide.A, [0, 0, 0], [], f, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(f, Is.EqualTo(new double[] { 7, 7 }));
    }

    [Test]
    public void CTransform_CancelledWhileRunning_Ends()
    {
        // 10^12 costs, minutes of work.
        T[] x = Typed(Drawn.Uniform(1, 1_000_000)), y = Typed(Drawn.Uniform(2, 1_000_000));
        PointCloudGeometry<T> geometry = new(x, y, 1, Cost.SquaredEuclidean);
        using Engine engine = Engine.Create();
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(20));

        Assert.That(
            () => engine.CTransform<T>(geometry, TransportSide.A, new double[1_000_000], [], new double[1_000_000], source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static void AssertBothSides(Geometry<T> geometry, double[] costs, int seed)
    {
        int n = geometry.Rows, m = geometry.Columns;
        T[] a = Typed(Drawn.Weights(seed, n)), b = Typed(Drawn.Weights(seed + 1, m));
        double[] f = Drawn.Cloud(seed + 2, n, 1), g = Drawn.Cloud(seed + 3, m, 1);
        double[] actualF = new double[n], actualG = new double[m], everywhere = new double[n];
        using Engine engine = Engine.Create();

        engine.CTransform<T>(geometry, TransportSide.A, g, b, actualF);
        engine.CTransform<T>(geometry, TransportSide.B, f, a, actualG);
        engine.CTransform<T>(geometry, TransportSide.A, g, [], everywhere);

        double tolerance = Rounding * TransportEvidence.LargestMagnitude(costs.Concat(f).Concat(g));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(actualF, Is.EqualTo(NaiveCTransform.OfColumns(costs, g, Wide(b))).Within(tolerance));
            Assert.That(actualG, Is.EqualTo(NaiveCTransform.OfColumns(Transposed(costs, n, m), f, Wide(a))).Within(tolerance));
            Assert.That(everywhere, Is.EqualTo(NaiveCTransform.OfColumns(costs, g, [.. Enumerable.Repeat(1.0, m)])).Within(tolerance));
        }
    }

    private static double[] Where(double[] values, T[] weights) => [.. values.Where((_, i) => weights[i] > T.Zero)];

    private static double[] Transposed(double[] matrix, int rows, int columns) =>
        [.. Enumerable.Range(0, columns).SelectMany(j => Enumerable.Range(0, rows).Select(i => matrix[(i * columns) + j]))];

    private static T[] Typed(double[] values) => Array.ConvertAll(values, T.CreateTruncating);

    private static double[] Wide(T[] values) => Array.ConvertAll(values, double.CreateTruncating);
}
