using System.Numerics.Tensors;
using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>What the engine's transport calls refuse before any work begins.</summary>
internal sealed class EngineValidationTests
{
    private static readonly TransportProblem<double> Problem =
        TransportProblem.On(new DenseGeometry<double>([1, 2, 3, 4, 5, 6], 2, 3)).WithWeights([0.25, 0.75], [0, 0.5, 0.5]);

    private static readonly DenseGeometry<double> Bins = new([0, 1, 1, 0], 2, 2);

    // Three histograms of two bins, of total 2.
    private static readonly double[] Histograms = [2, 0, 0.5, 1.5, 1, 1];

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1025)]
    [TestCase(2000)]
    [TestCase(int.MinValue)]
    public void Threads_OutOfRange_AreRefused(int threads) =>
        Refusal.With(ProblemError.OutOfRange, () => Engine.Create(o => o.Threads = threads).Dispose(), $"{threads}");

    [TestCase(1)]
    [TestCase(1024)]
    public void Threads_InRange_SolveABatch(int threads)
    {
        using Engine engine = Engine.Create(o => o.Threads = threads);
        Assert.That(engine.SolveBatch([Problem, Problem, Problem], new Exact()).Select(r => r.Status), Is.All.EqualTo(SolveStatus.Converged));
    }

    [TestCase(-1)]
    [TestCase(long.MinValue)]
    public void CostMatrixBudget_Negative_IsRefused(long budget) =>
        Refusal.With(ProblemError.OutOfRange, () => Engine.Create(o => o.CostMatrixBudget = budget).Dispose(), "budget");

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(long.MinValue)]
    public void MaxIterations_BelowOne_IsRefused(long most) =>
        Refusal.With(ProblemError.OutOfRange, () => _ = new Exact { MaxIterations = most }, "MaxIterations");

    [TestCase(1, 3)]
    [TestCase(3, 3)]
    [TestCase(2, 2)]
    [TestCase(2, 4)]
    [TestCase(0, 0)]
    public void WarmStart_OfAnotherSize_IsRefused(int n, int m)
    {
        Exact solver = new() { WarmStart = new DualPotentials(new double[n], new double[m]) };
        Refusal.With(ProblemError.ShapeMismatch, () => Engines.Default.Solve(Problem, solver).Dispose(), n == 2 ? "potential g" : "potential f");
        Refusal.With(ProblemError.ShapeMismatch, () => Engines.Default.Solve(Sparse(), solver).Dispose(), n == 2 ? "potential g" : "potential f");
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void WarmStart_NotFinite_IsRefused(double value)
    {
        Exact f = new() { WarmStart = new DualPotentials(new[] { 0, value }, new double[3]) };
        Exact g = new() { WarmStart = new DualPotentials(new double[2], new[] { value, 0, 0 }) };
        Refusal.With(ProblemError.NotFinite, () => Engines.Default.Solve(Problem, f).Dispose(), "f[1]");
        Refusal.With(ProblemError.NotFinite, () => Engines.Default.Solve(Problem, g).Dispose(), "g[0]");
        Refusal.With(ProblemError.NotFinite, () => Engines.Default.Solve(Sparse(), g).Dispose(), "g[0]");
    }

    [Test]
    public void SolveBatch_WithoutProblems_IsEmpty()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Engines.Default.SolveBatch<double>([], new Exact()), Is.Empty);
            Assert.That(Engines.SevenThreads.SolveBatch<float>([], new Exact()), Is.Empty);
            Assert.That(() => Costs(Histograms, [], Memory<double>.Empty), Throws.Nothing);
            Assert.That(() => Costs(ReadOnlyMemory<double>.Empty, [], Memory<double>.Empty), Throws.Nothing);
        }
    }

    [Test]
    public void SolveBatch_WithInfeasibleProblems_NamesAMass()
    {
        TransportProblem<double> infeasible = TransportProblem.On(new SparseGeometry<double>([0, 1, 2], [0, 0], [1, 2], 2)).WithWeights([0.25, 0.75], [0.5, 0.5]);
        Refusal.With(ProblemError.Infeasible, () => Engines.SevenThreads.SolveBatch([Problem, infeasible, Problem], new Exact()), "0.5 of 1");
    }

    [Test]
    public void SolveCosts_LengthsThatDoNotFit_AreRefused()
    {
        Refusal.With(ProblemError.ShapeMismatch, () => Costs(Histograms, [(0, 1)], new double[2]), "costs has 2");
        Refusal.With(ProblemError.ShapeMismatch, () => Costs(Histograms, [(0, 1)], Memory<double>.Empty), "costs has 0");
        Refusal.With(ProblemError.ShapeMismatch, () => Costs(Histograms.AsMemory(0, 5), [(0, 1)], new double[1]), "multiple of the 2 bins");
        Refusal.With(
            ProblemError.ShapeMismatch,
            () => Engines.Default.SolveCosts<double>(Problem.Geometry, Histograms, [(0, 1)], new Exact(), new double[1]),
            "same bins");
    }

    [TestCase(-1, 0)]
    [TestCase(0, 3)]
    [TestCase(int.MinValue, 1)]
    [TestCase(1, int.MaxValue)]
    public void SolveCosts_PairsOutOfRange_AreRefused(int first, int second) =>
        Refusal.With(ProblemError.OutOfRange, () => Costs(Histograms, [(0, 1), (first, second)], new double[2]), "pairs[1]");

    [Test]
    public void SolveCosts_BadHistograms_AreRefused()
    {
        Refusal.With(ProblemError.NotFinite, () => Costs(new[] { 2, 0, double.NaN, 1 }, [(0, 1)], new double[1]), "histograms[1][0]");
        Refusal.With(ProblemError.NegativeWeight, () => Costs(new[] { 2, 0, 3.0, -1 }, [(0, 1)], new double[1]), "histograms[1][1]");
        Refusal.With(ProblemError.ZeroMass, () => Costs(new double[] { 2, 0, 0, 0 }, [(0, 1)], new double[1]), "histograms[1]");
        Refusal.With(ProblemError.UnequalTotals, () => Costs(new double[] { 2, 0, 1, 2 }, [(0, 1)], new double[1]), "3");
        Refusal.With(ProblemError.OutOfRange, () => Costs(ReadOnlyMemory<double>.Empty, [(0, 0)], new double[1]), "pairs[0]");
        Assert.That(() => Costs(new double[] { 2, 0, 1, 2 }, [(0, 0), (1, 1)], new double[2]), Throws.Nothing, "totals matter within a pair");
    }

    [Test]
    public void SolveCosts_CostsOverlappingTheHistograms_AreRefused()
    {
        double[] memory = [.. Histograms, 7];
        Refusal.With(ProblemError.Overlap, () => Costs(memory.AsMemory(0, 6), [(0, 1)], memory.AsMemory(5, 1)));
        Assert.That(memory[5], Is.EqualTo(1));
        Costs(memory.AsMemory(0, 6), [(0, 1)], memory.AsMemory(6, 1));
        Assert.That(memory[6], Is.EqualTo(1.5));
    }

    [Test]
    public void Distance_OfBadInput_IsRefused([Values(0.5, -1, double.NaN, double.PositiveInfinity)] double p)
    {
        Tensor<double> x = Tensor.Create([1.0, 2], [2]);
        Refusal.With(ProblemError.OutOfRange, () => Engines.Default.Distance(x, x, p), "order p");
        Refusal.With(ProblemError.Unsupported, () => Engines.Default.Distance(Tensor.Create([Half.One], [1]), Tensor.Create([Half.One], [1])), "Half");
        Assert.That(() => Engines.Default.Distance(x, null!), Throws.ArgumentNullException);
        Assert.That(() => Engines.Default.Distance(null!, x), Throws.ArgumentNullException);
    }

    [Test]
    public void Null_IsRefused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Engines.Default.Solve((TransportProblem<double>)null!, new Exact()), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.Solve(Problem, null!), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.SolveBatch<double>(null!, new Exact()), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.SolveBatch([Problem, null!], new Exact()), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.SolveBatch([Problem], null!), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.SolveCosts<double>(null!, Histograms, [], new Exact(), Memory<double>.Empty), Throws.ArgumentNullException);
            Assert.That(() => Engines.Default.SolveCosts<double>(Bins, Histograms, [], null!, Memory<double>.Empty), Throws.ArgumentNullException);
        }
    }

    [Test]
    public void Engine_AfterDisposal_IsRefused()
    {
        Engine engine = Engine.Create();
        engine.Dispose();
        engine.Dispose();
        Tensor<double> x = Tensor.Create([1.0, 2], [2]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => engine.Solve(Problem, new Exact()), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => engine.SolveBatch<double>([], new Exact()), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => engine.SolveCosts<double>(Bins, Histograms, [(0, 1)], new Exact(), new double[1]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => engine.Distance(x, x), Throws.TypeOf<ObjectDisposedException>());
        }
    }

    private static TransportProblem<double> Sparse() =>
        TransportProblem.On(new SparseGeometry<double>([0, 2, 4], [1, 2, 1, 2], [1, 2, 3, 4], 3)).WithWeights([0.25, 0.75], [0, 0.5, 0.5]);

    private static void Costs(ReadOnlyMemory<double> histograms, (int First, int Second)[] pairs, Memory<double> costs) =>
        Engines.Default.SolveCosts(Bins, histograms, pairs, new Exact(), costs);
}
