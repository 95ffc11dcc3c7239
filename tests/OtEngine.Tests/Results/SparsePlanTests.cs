using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Every view of a lazy plan against the dense matrix it stands for.</summary>
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class SparsePlanTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Sums of at most 150 products in double, rounded once to the element type.
    private static readonly double Rounding = typeof(T) == typeof(float) ? 1.2e-7 : 1e-13;

    private static readonly (int N, int M)[] Sizes = [(1, 1), (1, 7), (9, 1), (7, 8), (8, 7), (17, 31), (64, 65), (37, 149)];

    [Test]
    public void Views_AgreeWithTheDenseMatrix([ValueSource(nameof(Sizes))] (int N, int M) size)
    {
        var (n, m) = size;
        using TransportResult<T> result = Solved(n, m);
        TransportPlan<T> plan = result.Plan;
        double[] dense = Dense(plan);
        double[] v = ExactInputs.Seen<T>(Drawn.Cloud(31, m, 1));
        double[] u = ExactInputs.Seen<T>(Drawn.Cloud(32, n, 1));
        T[] rows = Filled(n);
        T[] columns = Filled(m);
        plan.Apply(ExactInputs.To<T>(v), rows);
        plan.ApplyTransposed(ExactInputs.To<T>(u), columns);

        Tensor<T> matrix = plan.Materialize();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(matrix.Lengths.ToArray(), Is.EqualTo([(nint)n, m]));
            Assert.That(matrix.ToArray(), Is.EqualTo(ExactInputs.To<T>(dense)));
            for (int i = 0; i < n; i++)
            {
                double[] terms = [.. v.Select((value, j) => dense[(i * m) + j] * value)];
                Assert.That(double.CreateChecked(rows[i]), Is.EqualTo(NeumaierSum.Of(terms)).Within(Rounding * terms.Sum(Math.Abs)), $"row {i}");
            }

            for (int j = 0; j < m; j++)
            {
                double[] terms = [.. u.Select((value, i) => dense[(i * m) + j] * value)];
                Assert.That(double.CreateChecked(columns[j]), Is.EqualTo(NeumaierSum.Of(terms)).Within(Rounding * terms.Sum(Math.Abs)), $"column {j}");
            }
        }
    }

    [Test]
    public void ToSparse_KeepsTheEntriesAboveTheThresholdInOrder()
    {
        using TransportResult<T> result = Solved(17, 31);
        SparsePlan<T> plan = (SparsePlan<T>)result.Plan;
        PlanEntry[] all = plan.Entries.ToArray();
        double middle = all.Select(e => e.Mass).Order().ElementAt(all.Length / 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan.ToSparse(), Is.EqualTo(all));
            Assert.That(plan.ToSparse(middle), Is.EqualTo(all.Where(e => e.Mass > middle)));
            Assert.That(plan.ToSparse(middle), Has.None.Matches<PlanEntry>(e => e.Mass == middle));
            Assert.That(plan.ToSparse(double.PositiveInfinity), Is.Empty);
        }

        Refusal.With(ProblemError.OutOfRange, () => plan.ToSparse(-1e-300), "-1E-300");
        Refusal.With(ProblemError.OutOfRange, () => plan.ToSparse(double.NaN), "NaN");
    }

    [Test]
    public void Sample_DrawsPairsAsOftenAsThePlanSays()
    {
        const int Count = 200_000;

        // Six standard deviations of a binomial frequency.
        const double Deviations = 6;
        using TransportResult<T> result = Solved(7, 8);
        Dictionary<(int Row, int Column), double> share =
            result.Plan.ToSparse().ToDictionary(e => (e.Row, e.Column), e => e.Mass / result.Mass);
        (int Row, int Column)[] pairs = result.Plan.Sample(new Random(11), Count);
        ILookup<(int, int), (int, int)> drawn = pairs.ToLookup(pair => pair);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pairs, Has.Length.EqualTo(Count));
            Assert.That(pairs, Is.All.Matches<(int, int)>(share.ContainsKey));
            foreach (((int Row, int Column) pair, double p) in share)
                Assert.That((double)drawn[pair].Count() / Count, Is.EqualTo(p).Within(Deviations * Math.Sqrt(p * (1 - p) / Count)), $"{pair}");
            Assert.That(result.Plan.Sample(new Random(11), 1000), Is.EqualTo(pairs.Take(1000)), "the same state, the same pairs");
            Assert.That(result.Plan.Sample(new Random(12), 1000), Is.Not.EqualTo(pairs.Take(1000)));
            Assert.That(result.Plan.Sample(new Random(11), 0), Is.Empty);
            Assert.That(() => result.Plan.Sample(new Random(11), -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => result.Plan.Sample(null!, 1), Throws.ArgumentNullException);
        }
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Barycentric_IsTheMeanOfWhereAnAtomGoesAndNaNWithoutMass(int dimension)
    {
        const int N = 23;
        const int M = 31;
        using TransportResult<T> result = Solved(N, M);
        double[] dense = Dense(result.Plan);
        double[] y = ExactInputs.Seen<T>(Drawn.Cloud(33, M, dimension));
        T[] images = Filled(N * dimension);
        result.Plan.Barycentric(ExactInputs.To<T>(y), dimension, images);
        Tensor<T> tensor = result.Plan.Barycentric(Tensor.Create(ExactInputs.To<T>(y), [M, dimension]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tensor.Lengths.ToArray(), Is.EqualTo([(nint)N, dimension]));
            Assert.That(tensor.ToArray(), Is.EqualTo(images));
            for (int i = 0; i < N; i++)
            {
                double[] row = dense[(i * M)..((i + 1) * M)];
                for (int c = 0; c < dimension; c++)
                {
                    double image = double.CreateChecked(images[(i * dimension) + c]);
                    double[] terms = [.. row.Select((mass, j) => mass * y[(j * dimension) + c] / row.Sum())];
                    if (row.Sum() == 0)
                        Assert.That(image, Is.NaN, $"row {i}");
                    else
                        Assert.That(image, Is.EqualTo(NeumaierSum.Of(terms)).Within(Rounding * terms.Sum(Math.Abs)), $"row {i}");
                }
            }

            Assert.That(images, Has.Some.Matches<T>(T.IsNaN), "some atoms have no mass");
        }
    }

    [Test]
    public void Lengths_ThatDoNotFitThePlan_AreRefused([Values(-1, 1)] int off)
    {
        const int N = 7;
        const int M = 8;
        using TransportResult<T> result = Solved(N, M);
        TransportPlan<T> plan = result.Plan;
        Refusal.With(ProblemError.ShapeMismatch, () => plan.Apply(new T[M + off], new T[N]), "8 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.Apply(new T[M], new T[N + off]), "7 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.ApplyTransposed(new T[N + off], new T[M]), "7 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.ApplyTransposed(new T[N], new T[M + off]), "8 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.Barycentric(new T[(2 * M) + off], 2, new T[2 * N]), "16 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.Barycentric(new T[2 * M], 2, new T[(2 * N) + off]), "14 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => plan.Barycentric(Tensor.Create(new T[2 * (M + off)], [M + off, 2])), "16 are needed");
        Refusal.WithoutAllocating(ProblemError.ShapeMismatch, () => plan.Barycentric(new T[M], int.MaxValue, new T[N]), "17179869176 are needed");
        Refusal.With(ProblemError.OutOfRange, () => plan.Barycentric(new T[M], off - 1, new T[N]), "dimension");
    }

    [Test]
    public void Destination_OverlappingTheInput_IsRefusedAndLeftAlone()
    {
        const int N = 7;
        using TransportResult<T> result = Solved(N, N);
        T[] memory = Filled(2 * N);
        Refusal.With(ProblemError.Overlap, () => result.Plan.Apply(memory.AsSpan(0, N), memory.AsSpan(0, N)));
        Refusal.With(ProblemError.Overlap, () => result.Plan.Apply(memory.AsSpan(0, N), memory.AsSpan(N - 1, N)));
        Refusal.With(ProblemError.Overlap, () => result.Plan.ApplyTransposed(memory.AsSpan(1, N), memory.AsSpan(0, N)));
        Refusal.With(ProblemError.Overlap, () => result.Plan.Barycentric(memory.AsSpan(1, N), 1, memory.AsSpan(0, N)));
        Assert.That(memory, Is.EqualTo(Filled(2 * N)));
        Assert.That(() => result.Plan.Apply(memory.AsSpan(0, N), memory.AsSpan(N, N)), Throws.Nothing);
    }

    [Test]
    public void Materialize_OfMoreThanAnArrayHolds_IsRefusedBeforeAllocating()
    {
        using SparsePlan<T> plan = new(46341, 46341, [new PlanEntry(3, 46340, 0.25), new PlanEntry(46340, 1, 0.75)]);
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => plan.Materialize(), "2147488281");
        Refusal.WithoutAllocating(ProblemError.ShapeMismatch, () => plan.Barycentric(new T[46341], 46341, []), "2147488281");
    }

    [Test]
    public void Plan_AfterDisposal_IsRefused()
    {
        TransportResult<T> result = Solved(7, 8);
        TransportPlan<T> plan = result.Plan;
        result.Dispose();
        result.Dispose();
        plan.Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => result.Plan, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => ((SparsePlan<T>)plan).Entries, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Apply(new T[8], new T[7]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.ApplyTransposed(new T[7], new T[8]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Materialize(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.ToSparse(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Sample(new Random(1), 1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Barycentric(new T[8], 1, new T[7]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Barycentric((Tensor<T>)null!), Throws.ArgumentNullException);
            Assert.That(result.TransportCost, Is.GreaterThan(0), "the numbers stay readable");
            Assert.That(result.Potentials.F.Length, Is.EqualTo(7));
        }
    }

    private static TransportResult<T> Solved(int n, int m)
    {
        double[] a = Drawn.ExactWeights(n, n);
        double[] b = Drawn.ExactWeights(1000 + m, m);
        return Engines.Default.Solve(ExactInputs.Points<T>(Drawn.Cloud(1, n, 2), Drawn.Cloud(2, m, 2), 2, Cost.Euclidean, a, b), new Exact());
    }

    private static double[] Dense(TransportPlan<T> plan)
    {
        double[] dense = new double[plan.Rows * plan.Columns];
        foreach (PlanEntry entry in plan.ToSparse())
            dense[(entry.Row * plan.Columns) + entry.Column] = entry.Mass;
        return dense;
    }

    // What a method must overwrite or leave alone.
    private static T[] Filled(int count)
    {
        T[] values = new T[count];
        values.AsSpan().Fill(T.CreateChecked(-77));
        return values;
    }
}
