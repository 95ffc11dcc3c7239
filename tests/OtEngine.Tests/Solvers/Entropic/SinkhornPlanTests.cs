using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The lazy plan of an entropic answer against the matrix that its potentials stand for.</summary>
[Category("Simd")]
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
internal sealed class SinkhornPlanTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Rows = 37;

    private const int Columns = 53;

    private const int Dimension = 3;

    // Exponents up to a few hundred, each rounded; float's answers are rounded once more when they are written.
    private static readonly double Rounding = typeof(T) == typeof(float) ? 1e-6 : 1e-12;

    private static readonly double[] A = Drawn.ExactWeights(1, Rows);

    private static readonly double[] B = Drawn.ExactWeights(2, Columns);

    private static readonly double[] X = ExactInputs.Seen<T>(Drawn.Cloud(3, Rows, Dimension));

    private static readonly double[] Y = ExactInputs.Seen<T>(Drawn.Cloud(4, Columns, Dimension));

    [Test]
    public void Apply_BothWays_IsTheMatrixProduct([Values(false, true)] bool points)
    {
        using TransportResult<T> result = Solve(points, out double[] plan);
        T[] v = ExactInputs.To<T>(Drawn.Cloud(5, Columns, 1)), w = ExactInputs.To<T>(Drawn.Cloud(6, Rows, 1)), images = new T[Rows], back = new T[Columns];
        result.Plan.Apply(v, images);
        result.Plan.ApplyTransposed(w, back);

        Assert.That(ExactInputs.Wide(images), Is.EqualTo(NaiveEntropic.Apply(plan, ExactInputs.Wide(v), 1)).Within(Rounding));
        Assert.That(ExactInputs.Wide(back), Is.EqualTo(NaiveEntropic.Apply(NaiveSoftMin.Transposed(plan, Rows), ExactInputs.Wide(w), 1)).Within(Rounding));
    }

    [Test]
    public void Materialize_IsThePlanOfThePotentials([Values(false, true)] bool points)
    {
        using TransportResult<T> result = Solve(points, out double[] plan);
        Tensor<T> matrix = result.Plan.Materialize();

        Assert.That(matrix.Lengths.ToArray(), Is.EqualTo(new nint[] { Rows, Columns }));
        Assert.That(EntropicEvidence.Materialized(result), Is.EqualTo(plan).Within(Rounding));
        Assert.That((result.Plan.Rows, result.Plan.Columns), Is.EqualTo((Rows, Columns)));
    }

    [Test]
    public void ToSparse_KeepsWhatIsAboveTheThreshold([Values(0, 1e-6, 1e-3, 1)] double threshold)
    {
        using TransportResult<T> result = Solve(true, out double[] plan);
        IReadOnlyList<PlanEntry> entries = result.Plan.ToSparse(threshold);

        Assert.That(entries.Select(e => e.Mass), Is.All.GreaterThan(threshold));
        Assert.That(entries.Zip(entries.Skip(1)).All(p => (p.First.Row, p.First.Column).CompareTo((p.Second.Row, p.Second.Column)) < 0), "row-major order");
        Assert.That(entries.Select(e => e.Mass), Is.EqualTo(entries.Select(e => plan[(e.Row * Columns) + e.Column])).Within(Rounding));
        Assert.That(entries, Has.Count.InRange(plan.Count(p => p > threshold + Rounding), plan.Count(p => p > threshold - Rounding)));
        Assert.That(() => result.Plan.ToSparse(-1), Throws.TypeOf<ProblemException>());
        Assert.That(() => result.Plan.ToSparse(double.NaN), Throws.TypeOf<ProblemException>());
    }

    [Test]
    public void Sample_ManyPairs_FallAsThePlanSays()
    {
        const int Count = 200_000;
        using TransportResult<T> result = Solve(true, out double[] plan);
        (int Row, int Column)[] pairs = result.Plan.Sample(new Random(7), Count);
        double[] counts = new double[plan.Length];
        foreach ((int row, int column) in pairs)
            counts[(row * Columns) + column]++;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(pairs, Has.Length.EqualTo(Count));
            Assert.That(result.Plan.Sample(new Random(7), Count), Is.EqualTo(pairs));
            Assert.That(result.Plan.Sample(new Random(7), 0), Is.Empty);
            Assert.That(() => result.Plan.Sample(new Random(7), -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(counts.Where((_, k) => plan[k] == 0), Is.All.Zero);

            // Six deviations of a binomial count, and a few for where hardly one is expected.
            for (int k = 0; k < plan.Length; k++)
                Assert.That(counts[k], Is.EqualTo(Count * plan[k]).Within(6 * Math.Sqrt(Count * plan[k]) + 3), $"{k}");
        }
    }

    [Test]
    public void Barycentric_IsTheMeanImage_AndNaNWithoutMass([Values(false, true)] bool points)
    {
        using TransportResult<T> result = Solve(points, out double[] plan);
        T[] images = new T[Rows * Dimension];
        result.Plan.Barycentric(ExactInputs.To<T>(Y), Dimension, images);

        double[] mass = NaiveEntropic.RowSums(plan, Rows), sums = NaiveEntropic.Apply(plan, Y, Dimension);
        for (int k = 0; k < images.Length; k++)
            Assert.That(double.CreateTruncating(images[k]), A[k / Dimension] == 0 ? Is.NaN : Is.EqualTo(sums[k] / mass[k / Dimension]).Within(10 * Rounding), $"{k}");
        Assert.That(A, Has.Some.Zero);
    }

    [Test]
    public void Plan_WrongLengthsAndOverlap_AreRefused()
    {
        using TransportResult<T> result = Solve(true, out _);
        T[] memory = new T[Rows + Columns];
        Refusal.With(ProblemError.ShapeMismatch, () => result.Plan.Apply(new T[Columns + 1], new T[Rows]));
        Refusal.With(ProblemError.ShapeMismatch, () => result.Plan.Apply(new T[Columns], new T[Rows - 1]));
        Refusal.With(ProblemError.ShapeMismatch, () => result.Plan.ApplyTransposed(new T[Columns], new T[Rows]));
        Refusal.With(ProblemError.ShapeMismatch, () => result.Plan.Barycentric(new T[Columns], 2, new T[2 * Rows]));
        Refusal.With(ProblemError.OutOfRange, () => result.Plan.Barycentric(new T[Columns], 0, new T[Rows]));
        Refusal.With(ProblemError.Overlap, () => result.Plan.Apply(memory.AsSpan(0, Columns), memory.AsSpan(Columns - 1, Rows)));
    }

    [Test]
    public void Plan_AfterDisposal_IsRefused()
    {
        TransportResult<T> result = Solve(true, out _);
        TransportPlan<T> plan = result.Plan;
        result.Dispose();
        result.Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => result.Plan, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Apply(new T[Columns], new T[Rows]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => plan.Materialize(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(result.TransportCost, Is.Positive);
        }
    }

    private static TransportResult<T> Solve(bool points, out double[] plan)
    {
        double[] cost = NaiveCost.SquaredEuclidean.Between(X, Y, Dimension);
        TransportProblem<T> problem = points
            ? ExactInputs.Points<T>(X, Y, Dimension, Cost.SquaredEuclidean, A, B)
            : ExactInputs.Dense<T>(cost, A, B);
        TransportResult<T> result = Engines.Default.Solve(problem, new Sinkhorn());
        plan = NaiveEntropic.Plan(points ? cost : ExactInputs.Seen<T>(cost), A, B, result.Potentials.F.ToArray(), result.Potentials.G.ToArray(), result.Epsilon);
        return result;
    }
}
