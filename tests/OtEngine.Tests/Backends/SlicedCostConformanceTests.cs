using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb SlicedCost against its definition on the very positions that fused multiply-adds in T give.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class SlicedCostConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Positions are the same bits; what is left is the rounding of masses to 2^-53 and of sums in double.
    private const double Rounding = 1e-12;

    private const int Directions = 9;
    private static readonly double Largest = typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue;
    private Backend _backend = null!;

    // Around a warp, the atoms that a warp sorts, threads of a block; primes; not square.
    private static readonly (int N, int M)[] Sizes =
        [(1, 1), (1, 9), (9, 1), (2, 2), (3, 2), (31, 33), (32, 32), (33, 31), (64, 65), (127, 128), (128, 128), (129, 128), (3, 129), (129, 129), (257, 301), (301, 301)];

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [TestCaseSource(nameof(Sizes))]
    public void Clouds_OfAnySizeAndWeights_HaveCostSlopesAndOrderOfTheDefinition((int N, int M) size)
    {
        foreach (double p in (double[])[1, 2, 3.5])
        {
            foreach (bool weighted in (bool[])[false, true])
                HasTheDefinition(Drawing(size.N, size.M, 3, weighted, p));
        }
    }

    [Test]
    public void Clouds_ThatNoBlockHolds_HaveTheCostOfTheLine([Values] bool weighted)
    {
        Instance instance = Drawing(12_500, weighted ? 12_011 : 12_500, 2, weighted, 2) with { Directions = 2 };
        Answer answer = Solve(instance);
        for (int l = 0; l < instance.Directions; l++)
        {
            double[] x = instance.Positions(instance.X, l), y = instance.Positions(instance.Y, l);
            LineProblem<double> line = LineProblem.Between<double>(x, y).WithWeights(instance.A.Select(w => w / instance.A.Sum()).ToArray(), instance.B.Select(w => w / instance.B.Sum()).ToArray());
            double expected = Engines.Default.Solve(line).TransportCost;
            Assert.That(RelativeError.Of(answer.Costs[l], expected), Is.LessThanOrEqualTo(Rounding), $"direction {l}");
            Assert.That(answer.OrderX(l), Is.EqualTo(NaiveSliced.Order(x)));
            Assert.That(answer.OrderY(l), Is.EqualTo(NaiveSliced.Order(y)));
            // d/ds of cost at x + s: the slopes of either side sum to 2 (mean x - mean y).
            double drift = 2 * (x.Zip(instance.A, (v, w) => v * w).Sum() / instance.A.Sum() - (y.Zip(instance.B, (v, w) => v * w).Sum() / instance.B.Sum()));
            Assert.That(answer.SlopesX(l).Sum(), Is.EqualTo(drift).Within(1e-10));
            Assert.That(answer.SlopesY(l).Sum(), Is.EqualTo(-drift).Within(1e-10));
        }
    }

    // Of a warp, a block, and of passes over the device with several tiles.
    [TestCase(1, 100)]
    [TestCase(90, 3)]
    [TestCase(5, 400)]
    [TestCase(301, 257)]
    [TestCase(3, 24_600)]
    [TestCase(24_600, 700)]
    public void Masses_OfWhichOneIsNearlyAll_HaveTheDefinition(int n, int m)
    {
        double[] x = Drawn.Uniform(3, n), y = Drawn.Uniform(4, m), a = Drawn.Weights(5, n), b = Drawn.Weights(6, m);
        a[n / 2] = 1e6;
        b[m / 3] = 1e3;
        for (int k = 0; k < m; k++)
        {
            // Runs of atoms without mass at both ends of the line and in its middle, longer than what one thread has.
            if (k != m / 3 && (y[k] < 0.2 || y[k] > 0.9 || (y[k] > 0.4 && y[k] < 0.6)))
                b[k] = 0;
        }

        HasTheDefinition(new Instance(Convert(x), Convert(y), a, b, Convert([1, -1]), 1, 2, 2));
        HasTheDefinition(new Instance(Convert(y), Convert(x), b, a, Convert([1]), 1, 1, 1));
    }

    [TestCase(40)]
    [TestCase(300)]
    public void Positions_ThatCoincideOrSpanTheRange_AreSortedByValueAndIndex(int n)
    {
        double smallest = double.CreateTruncating(T.Epsilon), largest = Math.Sqrt(Largest) / 4;
        double[] special = [0, -0.0, smallest, -smallest, 3 * smallest, largest, -largest, 1, -1, 1, 0, -0.0];
        Random random = new(5);
        double[] mixed = [.. Enumerable.Range(0, n).Select(_ => special[random.Next(special.Length)])];
        double[] wide = [.. Enumerable.Range(0, n).Select(_ => (random.Next(2) == 0 ? -1 : 1) * Math.Pow(10, (36 * random.NextDouble()) - 30))];
        double[] equal = [.. Enumerable.Repeat(2.5, n)];

        // A quarter of the least number below zero is -0, the only way to one.
        foreach (double[] x in (double[][])[mixed, wide, equal])
        {
            foreach (double p in (double[])[1, 2])
                HasTheDefinition(new Instance(Convert(x), Convert([.. x.Reverse().Skip(1)]), Drawn.Weights(7, n), Drawn.Weights(8, n - 1), Convert([1, -1, 0.25]), 1, 3, p));
        }
    }

    [TestCase(5)]
    [TestCase(60)]
    [TestCase(200)]
    public void AtomsWithoutMass_WhosePowersOverflow_ChangeNothing(int n)
    {
        double[] x = Drawn.Uniform(3, n), y = Drawn.Uniform(4, n), a = Drawn.Weights(5, n), b = Drawn.Weights(6, n);
        (a[1], b[n - 2], b[0]) = (0, 0, 0);
        foreach (double p in (double[])[1, 2, 9])
        {
            (double cost, double[] slopesX, double[] slopesY) = NaiveSliced.Solve([.. x.Select(v => (double)(float)v)], [.. y.Select(v => (double)(float)v)], a, b, p);
            double[] farX = [.. x.Select((v, k) => k == 1 ? Largest : (float)v)], farY = [.. y.Select((v, k) => k == 0 || k == n - 2 ? -Largest : (float)v)];
            Answer answer = Solve(new Instance(Convert(farX), Convert(farY), a, b, Convert([1]), 1, 1, p));
            Assert.That(RelativeError.Of(answer.Costs[0], cost), Is.LessThanOrEqualTo(Rounding), $"p {p}");
            Assert.That(Gap(answer.SlopesX(0), slopesX), Is.LessThanOrEqualTo(p * Rounding), $"p {p}");
            Assert.That(Gap(answer.SlopesY(0), slopesY), Is.LessThanOrEqualTo(p * Rounding), $"p {p}");
        }
    }

    [TestCase(5)]
    [TestCase(200)]
    public void Projections_ThatOverflow_HaveACostThatIsNotFinite(int n)
    {
        T huge = T.CreateTruncating(Largest);
        T half = T.CreateTruncating(0.75);
        Instance instance = new([.. Enumerable.Repeat(huge, 2 * n)], [.. Enumerable.Repeat(T.One, 2 * n)], Uniform(n), Uniform(n), [half, half], 2, 1, 2);
        Assert.That(double.IsFinite(Solve(instance).Costs[0]), Is.False);
    }

    [Test]
    public void Batch_OfManySizes_HasTheBitsOfEachAlone([Values(1, 7)] int threads)
    {
        Instance[] instances = [.. Sizes.Select((size, k) => Drawing(size.N, size.M, 1 + (k % 4), k % 2 == 0, 1 + (k % 3)) with { P = 2 })];
        Answer[] together = Solve(instances, threads);
        for (int k = 0; k < instances.Length; k++)
        {
            Answer alone = Solve([instances[k]], 1)[0];
            Assert.That(together[k].Costs, Is.EqualTo(alone.Costs), $"{Sizes[k]}");
            Assert.That(together[k].Slopes, Is.EqualTo(alone.Slopes), $"{Sizes[k]}");
            Assert.That(together[k].Orders, Is.EqualTo(alone.Orders), $"{Sizes[k]}");
        }
    }

    [TestCase(50, 40)]
    [TestCase(200, 300)]
    [TestCase(200, 13_000)]
    public void FixedCloud_SortedOnce_GivesTheBitsOfSortingItAgain(int n, int m)
    {
        Instance instance = Drawing(n, m, 2, true, 2) with { Directions = 3 };
        Answer expected = Solve(instance);
        using BackendBuffer<T> points = Buffer<T>(Transposed(instance.Y, 2)), directions = Buffer<T>(instance.Axes);
        using BackendBuffer<long> none = _backend.Allocate<long>(0);
        using BackendBuffer<double> noCosts = _backend.Allocate<double>(0);
        using BackendBuffer<T> sorted = _backend.Allocate<T>(3L * m);
        using BackendBuffer<int> orders = _backend.Allocate<int>(3L * m);
        SlicedRow sort = new()
        {
            A = new SlicedSide { Count = m, Mass = 1, Sorted = 0 },
            B = new SlicedSide { Count = 0 },
            Dimension = 2,
            Directions = 3,
            FirstDirection = 0,
            Costs = 0,
            Unit = 1,
        };
        _backend.SlicedCost([sort], 2, new SlicedBuffers<T> { Points = points, Directions = directions, Masses = none, Costs = noCosts, Sorted = sorted, SortedOrders = orders }, TestExecution.On(_backend));

        Answer found = Solve([instance], 1, sorted, orders)[0];

        int[] written = new int[3 * m];
        orders.CopyTo(written, 0);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(written, Is.EqualTo(expected.Orders[(3 * n)..]));
            Assert.That(found.Costs, Is.EqualTo(expected.Costs));
            Assert.That(found.Slopes, Is.EqualTo(expected.Slopes));
        }
    }

    [Test]
    public void Rows_BeyondTheirBuffers_AreRefused()
    {
        using BackendBuffer<T> points = _backend.Allocate<T>(10), directions = _backend.Allocate<T>(2);
        using BackendBuffer<long> masses = _backend.Allocate<long>(5);
        using BackendBuffer<double> costs = _backend.Allocate<double>(1);
        SlicedBuffers<T> buffers = new() { Points = points, Directions = directions, Masses = masses, Costs = costs };
        SlicedSide a = new() { Count = 3, Mass = 1, Points = 0 }, b = new() { Count = 2, Mass = 1, Points = 6 };
        SlicedRow row = new() { A = a, B = b, Dimension = 2, Directions = 1, FirstDirection = 0, Costs = 0, Unit = 1 };
        foreach (SlicedRow wrong in (SlicedRow[])
            [
                row with { A = a with { Points = 5 } }, row with { B = b with { Points = 7 } }, row with { A = a with { Masses = 3 } }, row with { A = a with { Count = 0 } },
                row with { B = b with { Orders = 0 } }, row with { B = b with { Slopes = 0 } }, row with { B = b with { IsSorted = 1, Sorted = 0 } },
                row with { Directions = 2 }, row with { FirstDirection = -1 }, row with { Costs = 1 }, row with { Dimension = 0 }, row with { B = b with { Count = -1 } },
            ])
            Assert.That(() => _backend.SlicedCost([wrong], 2, buffers, TestExecution.On(_backend)), Throws.InstanceOf<ArgumentOutOfRangeException>(), $"{wrong}");
    }

    private static double[] Uniform(int n) => [.. Enumerable.Repeat(1.0 / n, n)];

    private static T[] Convert(double[] values) => Array.ConvertAll(values, T.CreateTruncating);

    private static Instance Drawing(int n, int m, int dimension, bool weighted, double p)
    {
        double[] axes = Drawn.Cloud(3, Directions, dimension);
        return new Instance(
            Convert(Drawn.Cloud(1, n, dimension)),
            Convert(Drawn.Cloud(2, m, dimension, 0.5)),
            weighted ? Drawn.Weights(5, n) : Uniform(n),
            weighted ? Drawn.Weights(6, m) : Uniform(m),
            Convert(axes),
            dimension,
            Directions,
            p);
    }

    private static T[] Transposed(T[] points, int dimension)
    {
        int count = points.Length / dimension;
        return [.. Enumerable.Range(0, points.Length).Select(at => points[(at % count * dimension) + (at / count)])];
    }

    private void HasTheDefinition(Instance instance)
    {
        Answer answer = Solve(instance);
        for (int l = 0; l < instance.Directions; l++)
        {
            double[] x = instance.Positions(instance.X, l), y = instance.Positions(instance.Y, l);
            (double cost, double[] slopesX, double[] slopesY) = NaiveSliced.Solve(x, y, instance.A, instance.B, instance.P);
            double scale = Math.Pow(x.Concat(y).Max(Math.Abs), instance.P - 1) + 1;
            string what = $"{x.Length} x {y.Length}, p {instance.P}, direction {l}";
            Assert.That(RelativeError.Of(answer.Costs[l], cost), Is.LessThanOrEqualTo(Rounding), what);
            Assert.That(answer.OrderX(l), Is.EqualTo(NaiveSliced.Order(x)), what);
            Assert.That(answer.OrderY(l), Is.EqualTo(NaiveSliced.Order(y)), what);
            Assert.That(Gap(answer.SlopesX(l), slopesX), Is.LessThanOrEqualTo(Rounding * scale), what);
            Assert.That(Gap(answer.SlopesY(l), slopesY), Is.LessThanOrEqualTo(Rounding * scale), what);
        }
    }

    private static double Gap(double[] found, double[] expected) => found.Zip(expected, (f, e) => Math.Abs(f - e)).Max();

    private Answer Solve(Instance instance) => Solve([instance], 2)[0];

    /// <summary>All instances in one call, everything wanted; of the first the second side may be sorted already.</summary>
    private Answer[] Solve(Instance[] instances, int threads, BackendBuffer<T>? sorted = null, BackendBuffer<int>? sortedOrders = null)
    {
        List<T> points = [], axes = [];
        List<long> masses = [];
        List<SlicedRow> rows = [];
        int costs = 0, values = 0;
        foreach (Instance instance in instances)
        {
            int n = instance.A.Length, m = instance.B.Length, all = instance.Directions * (n + m);
            bool uniform = SlicedMasses.AreUniform<double>(instance.A) && SlicedMasses.AreUniform<double>(instance.B);
            (long ofA, long ofB, double unit) = SlicedMasses.Uniform(n, m);
            long[] units = new long[n + m];
            SlicedMasses.Round<double>(instance.A, units.AsSpan(0, n));
            SlicedMasses.Round<double>(instance.B, units.AsSpan(n));
            SlicedSide a = new() { Count = n, Points = points.Count, Mass = ofA, Masses = uniform ? -1 : masses.Count, Orders = values, Slopes = values };
            SlicedSide b = new()
            {
                Count = m,
                Points = points.Count + instance.X.Length,
                Mass = ofB,
                Masses = uniform ? -1 : masses.Count + n,
                Orders = values + (instance.Directions * n),
                Slopes = values + (instance.Directions * n),
                IsSorted = sorted is null ? 0 : 1,
                Sorted = sorted is null ? -1 : 0,
            };
            rows.Add(new SlicedRow
            {
                A = a,
                B = b,
                Dimension = instance.Dimension,
                Directions = instance.Directions,
                FirstDirection = axes.Count,
                Costs = costs,
                Unit = uniform ? unit : SlicedMasses.RoundedUnit,
            });
            points.AddRange(Transposed(instance.X, instance.Dimension));
            points.AddRange(Transposed(instance.Y, instance.Dimension));
            axes.AddRange(instance.Axes);
            masses.AddRange(units);
            costs += instance.Directions;
            values += all;
        }

        using BackendBuffer<T> ofPoints = Buffer<T>([.. points]), ofAxes = Buffer<T>([.. axes]);
        using BackendBuffer<long> ofMasses = Buffer<long>([.. masses]);
        using BackendBuffer<double> ofCosts = _backend.Allocate<double>(costs), ofSlopes = _backend.Allocate<double>(values);
        using BackendBuffer<int> ofOrders = _backend.Allocate<int>(values);
        SlicedBuffers<T> buffers = new()
        {
            Points = ofPoints,
            Directions = ofAxes,
            Masses = ofMasses,
            Costs = ofCosts,
            Slopes = ofSlopes,
            Orders = ofOrders,
            Sorted = sorted,
            SortedOrders = sortedOrders,
        };
        _backend.SlicedCost(rows.ToArray(), instances[0].P, buffers, TestExecution.On(_backend, threads));
        return [.. instances.Select((instance, k) => Read(instance, rows[k], ofCosts, ofSlopes, ofOrders))];
    }

    private static Answer Read(Instance instance, SlicedRow row, BackendBuffer<double> costs, BackendBuffer<double> slopes, BackendBuffer<int> orders)
    {
        int all = instance.Directions * (row.A.Count + row.B.Count);
        Answer answer = new(new double[instance.Directions], new double[all], new int[all], row.A.Count, row.B.Count);
        costs.CopyTo(answer.Costs, row.Costs);
        slopes.CopyTo(answer.Slopes, row.A.Slopes);
        orders.CopyTo(answer.Orders, row.A.Orders);
        return answer;
    }

    private BackendBuffer<TElement> Buffer<TElement>(TElement[] elements)
        where TElement : unmanaged
    {
        BackendBuffer<TElement> buffer = _backend.Allocate<TElement>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }

    private sealed record Instance(T[] X, T[] Y, double[] A, double[] B, T[] Axes, int Dimension, int Directions, double P)
    {
        /// <summary>Projections as the verb defines them.</summary>
        public double[] Positions(T[] points, int direction) =>
        [
            .. Enumerable.Range(0, points.Length / Dimension).Select(i =>
            {
                T sum = T.Zero;
                for (int k = 0; k < Dimension; k++)
                    sum = T.FusedMultiplyAdd(Axes[(direction * Dimension) + k], points[(i * Dimension) + k], sum);
                return double.CreateTruncating(sum + T.Zero);
            }),
        ];
    }

    private sealed record Answer(double[] Costs, double[] Slopes, int[] Orders, int N, int M)
    {
        public double[] SlopesX(int l) => Slopes[(l * N)..((l + 1) * N)];

        public double[] SlopesY(int l) => Slopes[((Costs.Length * N) + (l * M))..((Costs.Length * N) + ((l + 1) * M))];

        public int[] OrderX(int l) => Orders[(l * N)..((l + 1) * N)];

        public int[] OrderY(int l) => Orders[((Costs.Length * N) + (l * M))..((Costs.Length * N) + ((l + 1) * M))];
    }
}
