using System.Numerics;
using NUnit.Framework;
using OtEngine.Cpu;

namespace OtEngine.Tests.Solvers.Entropic;

/// <summary>Histograms on one cost of more than 2^14 entries, which share its kernel.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornSharedKernelTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Rows = 150;
    private const int Columns = 131;

    /// <summary>The two paths round differently; both end within the solver's tolerance.</summary>
    private static readonly double Tolerance = typeof(T) == typeof(float) ? 1e-3 : 1e-5;

    private static readonly Sinkhorn Solver = new() { EpsilonRelative = 0.2 };

    [Test]
    public void ABatch_HasTheBitsOfItsLoop_ForAnyNumberOfThreads()
    {
        DenseGeometry<T> geometry = Geometry();
        List<TransportProblem<T>> problems = [.. Enumerable.Range(0, 11).Select(k => Problem(geometry, k))];
        IReadOnlyList<TransportResult<T>> together = Engines.SevenThreads.SolveBatch(problems, Solver);
        for (int k = 0; k < problems.Count; k++)
        {
            using TransportResult<T> alone = Engines.SingleThreaded.Solve(problems[k], Solver);
            using TransportResult<T> result = together[k];
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(result.TransportCost, Is.EqualTo(alone.TransportCost));
            Assert.That(result.Iterations, Is.EqualTo(alone.Iterations));
            Assert.That(result.Potentials.F.ToArray(), Is.EqualTo(alone.Potentials.F.ToArray()));
            Assert.That(result.Potentials.G.ToArray(), Is.EqualTo(alone.Potentials.G.ToArray()));
        }
    }

    [Test]
    public void TheSharedPath_AgreesWithTheOtherOne()
    {
        DenseGeometry<T> geometry = Geometry();
        using Engine without = Engine.Create(o => o.CostMatrixBudget = 0);
        using TransportResult<T> shared = Engines.Default.Solve(Problem(geometry, 3), Solver);
        using TransportResult<T> own = without.Solve(Problem(geometry, 3), Solver);
        Assert.That(GibbsKernel<T>.IsCandidate(geometry, 0), Is.False);
        Assert.That(GibbsKernel<T>.IsCandidate(geometry, 256 << 20), Is.True);
        Assert.That(shared.TransportCost, Is.EqualTo(own.TransportCost).Within(Tolerance).Percent);
        Assert.That(shared.RegularizedCost, Is.EqualTo(own.RegularizedCost).Within(Tolerance).Percent);
    }

    [Test]
    public void HistogramsThatLeaveTheRange_GoOnAlone()
    {
        // Foreign potentials put scalings beyond 2^60: the problem is handed over before the first sweep that counts.
        DenseGeometry<T> geometry = Geometry();
        double[] f = new double[Rows];
        double[] g = new double[Columns];
        for (int i = 0; i < Rows; i += 2)
            f[i] = 40;
        Sinkhorn warm = Solver with { Epsilon = 0.2, WarmStart = new DualPotentials(f, g) };
        using TransportResult<T> far = Engines.Default.Solve(Problem(geometry, 5), warm);
        using TransportResult<T> cold = Engines.Default.Solve(Problem(geometry, 5), Solver with { Epsilon = 0.2 });
        Assert.That(far.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(far.RegularizedCost, Is.EqualTo(cold.RegularizedCost).Within(Tolerance).Percent);
    }

    [Test]
    public void AKernel_IsRefusedWhereItsCostsSpanTooManyEps()
    {
        DenseGeometry<T> geometry = Geometry();
        using GibbsKernel<T>? wide = GibbsKernel<T>.Of(geometry, 0.2, CancellationToken.None);
        using GibbsKernel<T>? narrow = GibbsKernel<T>.Of(geometry, 1e-4, CancellationToken.None);
        Assert.That(wide, Is.Not.Null);
        Assert.That(narrow, Is.Null);
    }

    private static DenseGeometry<T> Geometry()
    {
        Random random = new(17);
        T[] costs = new T[Rows * Columns];
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
                costs[(i * Columns) + j] = T.CreateChecked((Math.Abs(i - j) / 60.0) + (0.2 * random.NextDouble()));
        }

        return new DenseGeometry<T>(costs, Rows, Columns);
    }

    private static TransportProblem<T> Problem(DenseGeometry<T> geometry, int seed) =>
        TransportProblem.On(geometry).WithWeights(Weights(seed, Rows), Weights(seed + 100, Columns));

    /// <summary>Uneven, every seventh zero, total one to rounding.</summary>
    private static T[] Weights(int seed, int count)
    {
        Random random = new(seed);
        double[] weights = [.. Enumerable.Range(0, count).Select(k => k % 7 == seed % 7 ? 0 : 0.05 + random.NextDouble())];
        double total = weights.Sum();
        return [.. weights.Select(weight => T.CreateChecked(weight / total))];
    }
}
