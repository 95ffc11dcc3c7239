using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verbs GromovConstants, GromovPlan and GromovGradient, and the products between them, against their definitions in loops.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class GromovConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Around the width of vectors, of parts and of tiles (32 rows, 256 columns), primes, single atoms.
    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (1, 9), (8, 1), (7, 8), (9, 7), (15, 17), (33, 31), (31, 33), (65, 16), (5, 257)];

    // Of a number stored as T, and of sums of a hundred numbers of one sign and size; the square of that for double.
    private static readonly double Stored = typeof(T) == typeof(float) ? 1.0 / (1 << 24) : 1.0 / (1L << 53);

    private Backend _backend = null!;

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    private static double Sums(int count) => 16 * count / (double)(1L << 53);

    [Test]
    public void Constants_OfAsymmetricCosts_AreTheMeanOverRowsAndColumns([Values] GromovFunction function)
    {
        foreach (int size in (int[])[1, 7, 8, 9, 31, 64, 65, 130])
        {
            double[] costs = ExactInputs.Seen<T>(Drawn.Uniform(size, size * size)), weights = Drawn.Weights(size + 1, size);
            costs[size / 2] = 0;
            GromovInner inner = new() { Size = size, Function = function, Costs = 3, Weights = 2 };
            using BackendBuffer<T> ofCosts = Buffer(ExactInputs.To<T>([.. new double[3], .. costs]));
            using BackendBuffer<double> ofWeights = Buffer<double>([.. new double[2], .. weights]);
            using BackendBuffer<double> constants = Buffer(new double[size + 2]);

            _backend.GromovConstants([inner], ofCosts, ofWeights, constants, Threads(2));

            double[] found = Read(constants);
            for (int i = 0; i < size; i++)
            {
                double expected = NeumaierSum.Of(Enumerable.Range(0, size).Select(k => weights[k] * (Value(costs[(i * size) + k]) + Value(costs[(k * size) + i])) / 2));
                Assert.That(found[i + 2], Is.EqualTo(expected).Within(Sums(size)), $"{size}: {i}");
            }
        }

        double Value(double x) => function switch
        {
            GromovFunction.Square => x * x,
            GromovFunction.Entropy => (x * Math.Log(x + 1e-15)) - x,
            _ => x,
        };
    }

    [Test]
    public void Plan_OfARaggedBatch_IsThatOfItsPotentials()
    {
        const double Epsilon = .2;
        using Problems all = new(this, Shapes);
        double[] f = Drawn.Uniform(1, (int)all.Table.PotentialCount);
        T[] before = ExactInputs.To<T>(Drawn.Uniform(2, all.Length));
        using BackendBuffer<T> plans = Buffer(before);
        using BackendBuffer<double> potentials = Buffer(f), marginals = Buffer(new double[f.Length]), moved = Buffer(new double[f.Length]);

        _backend.GromovPlan(all.Loaded, all.Rows, all.Epsilons(Epsilon), potentials, plans, marginals, moved, Threads(2));

        double[] found = ExactInputs.Wide(Read(plans)), sums = Read(marginals), moves = Read(moved);
        for (int p = 0; p < Shapes.Length; p++)
        {
            (int n, int m) = Shapes[p];
            ProblemRow problem = all.Table.Rows[p];
            double[] a = all.A[p], b = all.B[p];
            double[] expected = NaiveEntropic.Plan(all.Costs[p], a, b, f[(int)problem.PotentialsA..][..n], f[(int)problem.PotentialsB..][..m], Epsilon);
            double[] plan = found[(int)all.Rows[p].Matrix..][..(n * m)], old = ExactInputs.Wide(before)[(int)all.Rows[p].Matrix..][..(n * m)];
            for (int k = 0; k < plan.Length; k++)
            {
                // Atoms without mass are not written on the CPU, and written with zeros on a device: a plan starts from zeros there.
                if (expected[k] != 0)
                    Assert.That(plan[k], Is.EqualTo(expected[k]).Within(expected[k] * ((2 * Stored) + Sums(32))), $"{Shapes[p]}: entry {k}");
            }

            for (int i = 0; i < n; i++)
            {
                int[] row = [.. Enumerable.Range(i * m, m).Where(k => expected[k] != 0)];
                Assert.That(sums[problem.PotentialsA + i], Is.EqualTo(NeumaierSum.Of(row.Select(k => plan[k]))).Within(Sums(m)), $"{Shapes[p]}: row {i}");
                if (a[i] != 0 && !b.Contains(0))
                    Assert.That(moves[problem.PotentialsA + i], Is.EqualTo(NeumaierSum.Of(row.Select(k => Math.Abs(plan[k] - old[k])))).Within(Sums(m)), $"{Shapes[p]}: moved {i}");
            }

            for (int j = 0; j < m; j++)
                Assert.That(sums[problem.PotentialsB + j], Is.EqualTo(NeumaierSum.Of(Enumerable.Range(0, n).Where(i => expected[(i * m) + j] != 0).Select(i => plan[(i * m) + j]))).Within(Sums(n)), $"{Shapes[p]}: column {j}");
        }
    }

    [Test]
    public void Plan_OfVanishingEntries_HasZerosThere()
    {
        using Problems all = new(this, [(3, 9)]);
        using BackendBuffer<T> plans = Buffer(new T[all.Length]);
        using BackendBuffer<double> potentials = Buffer(new double[12]), marginals = Buffer(new double[12]), moved = Buffer(new double[12]);

        _backend.GromovPlan(all.Loaded, all.Rows, all.Epsilons(1e-3), potentials, plans, marginals, moved, Threads(1));

        double least = typeof(T) == typeof(float) ? Math.ScaleB(1, -80) : Math.ScaleB(1, -600);
        double[] expected = NaiveEntropic.Plan(all.Costs[0], all.A[0], all.B[0], new double[3], new double[9], 1e-3), found = ExactInputs.Wide(Read(plans))[1..28];
        Assert.That(expected.Where((mass, k) => mass != 0 && mass < least), Is.Not.Empty);
        Assert.That(found.Where(mass => mass != 0 && mass < least), Is.Empty);
    }

    [Test]
    public void Gradient_OfARaggedBatch_IsThatOfItsProducts([Values] bool fused)
    {
        using Problems all = new(this, Shapes);
        int length = (int)all.Table.PotentialCount;
        T[] products = ExactInputs.To<T>(Drawn.Uniform(3, all.Length)), masses = ExactInputs.To<T>(Drawn.Weights(4, all.Length)), features = ExactInputs.To<T>(Drawn.Uniform(5, all.Length));
        double[] constants = Drawn.Uniform(6, length);
        GromovRow[] rows = [.. all.Rows.Select((row, k) => row with { Factor = 1.7, HasFeatures = fused && k % 2 == 0 ? 1 : 0, Features = row.Matrix, FeatureFactor = .3 })];
        using BackendBuffer<T> gradients = Buffer(products), plans = Buffer(masses), ofFeatures = Buffer(features);
        using BackendBuffer<double> ofConstants = Buffer(constants), sums = Buffer(new double[length * GromovSums.Count]);

        _backend.GromovGradient(all.Loaded, rows, ofConstants, plans, ofFeatures, gradients, sums, Threads(2));

        double[] found = ExactInputs.Wide(Read(gradients)), numbers = Read(sums);
        for (int p = 0; p < Shapes.Length; p++)
        {
            (int n, int m) = Shapes[p];
            ProblemRow problem = all.Table.Rows[p];
            for (int i = 0; i < n; i++)
            {
                int at = (int)rows[p].Matrix + (i * m), place = (int)problem.PotentialsA + i;
                double[] x = ExactInputs.Wide(products[at..(at + m)]), mass = ExactInputs.Wide(masses[at..(at + m)]), feature = ExactInputs.Wide(features[at..(at + m)]), d = found[at..(at + m)];
                for (int j = 0; j < m; j++)
                {
                    double expected = (1.7 * (constants[place] + constants[(int)problem.PotentialsB + j] - x[j])) + (rows[p].HasFeatures * .3 * feature[j]);
                    Assert.That(d[j], Is.EqualTo(expected).Within((4 * Stored) + Sums(1)), $"{Shapes[p]}: {i}, {j}");
                }

                Assert.That(numbers[(GromovSums.Cross * length) + place], Is.EqualTo(NeumaierSum.Of(mass.Zip(x, (u, v) => u * v))).Within(Sums(m)));
                Assert.That(numbers[(GromovSums.Features * length) + place], Is.EqualTo(rows[p].HasFeatures * NeumaierSum.Of(mass.Zip(feature, (u, v) => u * v))).Within(Sums(m)));
                Assert.That((numbers[(GromovSums.Least * length) + place], numbers[(GromovSums.Largest * length) + place]), Is.EqualTo((d.Min(), d.Max())));
                Assert.That(numbers[(GromovSums.Magnitude * length) + place], Is.EqualTo(NeumaierSum.Of(d.Select(Math.Abs))).Within(4 * Sums(m)));
            }
        }
    }

    [Test]
    public void Differentiate_AtAFeasiblePlan_IsTheDerivativeOfFourLoops([Values] GromovLoss loss, [Values] bool symmetric)
    {
        foreach ((int n, int m) in ((int, int)[])[(1, 1), (5, 3), (9, 8), (17, 16)])
        {
            double[] c1 = Inner(1, n, symmetric), c2 = Inner(2, m, symmetric), features = ExactInputs.Seen<T>(Drawn.Uniform(7, n * m));
            double[] a = Drawn.ExactWeights(n, n), b = Drawn.ExactWeights(m + 50, m);
            GromovProblem<T> problem = Gromov.Dense<T>(c1, c2, a, b);
            GromovProblem<T>[] batch = [problem, problem.Fused(new DenseGeometry<T>(ExactInputs.To<T>(features), n, m), .25)];
            double[] product = [.. a.SelectMany(w => b.Select(v => w * v))];
            double[] plan = NaiveEntropic.Rounded([.. product.Select((p, k) => p * (k % 3))], a, b);
            using GromovMatrices<T> matrices = new(batch, loss, Threads(2));
            foreach (GromovRow row in matrices.Rows)
                matrices.Plans.CopyFrom(ExactInputs.To<T>(plan), row.Matrix);

            matrices.Differentiate(matrices.Rows);

            double[] expected = new NaiveGromov(c1, c2, n, m, loss == GromovLoss.KullbackLeibler).Gradient(ExactInputs.Seen<T>(plan));
            double largest = Math.Max(1, expected.Max(Math.Abs)) + (loss == GromovLoss.KullbackLeibler ? 70 : 2);
            double allowed = largest * ((8 * n * m * Stored) + Sums(n * m));
            for (int k = 0; k < batch.Length; k++)
            {
                BufferGeometry<T> geometry = (BufferGeometry<T>)matrices.Table.Geometries[k];
                T[] found = new T[n * m];
                geometry.Costs.CopyTo(found, geometry.Offset);
                for (int e = 0; e < found.Length; e++)
                {
                    double wanted = k == 0 ? expected[e] : (.25 * expected[e]) + (.75 * features[e]);
                    Assert.That(double.CreateTruncating(found[e]), Is.EqualTo(wanted).Within(allowed), $"{n} x {m}, problem {k}: {e}");
                }
            }
        }
    }

    private static double[] Inner(int seed, int size, bool symmetric) => Gromov.Inner<T>(seed, size, symmetric);

    private BackendBuffer<TElement> Buffer<TElement>(TElement[] elements)
        where TElement : unmanaged
    {
        BackendBuffer<TElement> buffer = _backend.Allocate<TElement>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }

    private static TElement[] Read<TElement>(BackendBuffer<TElement> buffer)
        where TElement : unmanaged
    {
        TElement[] elements = new TElement[buffer.Length];
        buffer.CopyTo(elements, 0);
        return elements;
    }

    private Execution Threads(int threads) => new(_backend, threads, 1 << 20, null, CancellationToken.None);

    /// <summary>Problems of several shapes on costs in the memory of the backend, matrices one after another with gaps.</summary>
    private sealed class Problems : IDisposable
    {
        private readonly BackendBuffer<T> _costs;

        public Problems(GromovConformanceTests<T> test, (int Rows, int Columns)[] shapes)
        {
            List<TransportProblem<T>> problems = [];
            Rows = new GromovRow[shapes.Length];
            for (int p = 0; p < shapes.Length; p++)
            {
                Rows[p] = new GromovRow { Problem = p, Matrix = Length + 1, Factor = 1 };
                Length += (shapes[p].Rows * shapes[p].Columns) + 2;
            }

            T[] costs = ExactInputs.To<T>(Drawn.Uniform(9, Length));
            _costs = test.Buffer(costs);
            for (int p = 0; p < shapes.Length; p++)
            {
                (int n, int m) = shapes[p];
                A.Add(ExactInputs.Seen<T>(Drawn.ExactWeights(p, n)));
                B.Add(ExactInputs.Seen<T>(p % 2 == 0 ? Drawn.ExactWeights(p + 100, m) : [.. Drawn.WideWeights(p, m, 2)]));
                Costs.Add(ExactInputs.Wide(costs[(int)Rows[p].Matrix..][..(n * m)]));
                problems.Add(TransportProblem.On(new BufferGeometry<T>(_costs, Rows[p].Matrix, n, m)).WithWeights(ExactInputs.To<T>(A[p]), ExactInputs.To<T>(B[p])));
                double total = NeumaierSum.Of(B[p]);
                B[p] = [.. B[p].Select(w => w / total)];
            }

            Table = ProblemTable<T>.Of(problems);
            Loaded = test._backend.Load(Table);
        }

        public int Length { get; }

        public GromovRow[] Rows { get; }

        public List<double[]> A { get; } = [];

        public List<double[]> B { get; } = [];

        public List<double[]> Costs { get; } = [];

        public ProblemTable<T> Table { get; }

        public LoadedTable<T> Loaded { get; }

        public double[] Epsilons(double epsilon) => [.. Rows.Select(_ => epsilon)];

        public void Dispose()
        {
            Loaded.Dispose();
            Table.Dispose();
            _costs.Dispose();
        }
    }
}
