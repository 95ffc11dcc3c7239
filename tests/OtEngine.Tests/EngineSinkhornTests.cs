using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>Entropic solves into memory of the caller.</summary>
public sealed class EngineSinkhornTests
{
    private const int Rows = 41;
    private const int Columns = 30;
    private readonly double[] _f = new double[Rows];
    private readonly double[] _g = new double[Columns];

    [Test]
    public void ASolve_IntoMemoryOfTheCaller_HasTheBitsOfTheOther()
    {
        (DenseGeometry<double> geometry, double[] a, double[] b) = Problem();
        Sinkhorn solver = new() { EpsilonRelative = 0.02 };
        using SinkhornWorkspace<double> workspace = new();
        for (int round = 0; round < 3; round++)
        {
            a[round] += 0.5;
            b[round + 1] += 0.5;
            SinkhornSummary summary = Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f, _g);
            using TransportResult<double> result = Engines.Default.Solve(TransportProblem.On(geometry).WithWeights(a, b), solver);
            Assert.Multiple(() =>
            {
                Assert.That(summary.Status, Is.EqualTo(SolveStatus.Converged));
                Assert.That(summary.TransportCost, Is.EqualTo(result.TransportCost));
                Assert.That(summary.RegularizedCost, Is.EqualTo(result.RegularizedCost));
                Assert.That(summary.DualCost, Is.EqualTo(result.DualCost));
                Assert.That(summary.Mass, Is.EqualTo(result.Mass));
                Assert.That(summary.MarginalErrorA, Is.EqualTo(result.MarginalErrorA));
                Assert.That(summary.Iterations, Is.EqualTo(result.Iterations));
                Assert.That(summary.Epsilon, Is.EqualTo(result.Epsilon));
                Assert.That(_f, Is.EqualTo(result.Potentials.F.ToArray()));
                Assert.That(_g, Is.EqualTo(result.Potentials.G.ToArray()));
            });
        }
    }

    [Test]
    public void ASteadySolve_AllocatesNothing()
    {
        (DenseGeometry<double> geometry, double[] a, double[] b) = Problem();
        float[] costs = [.. geometry.Costs.Select(cost => (float)cost)];
        DenseGeometry<float> single = new(costs, Rows, Columns);
        float[] floatA = [.. a.Select(weight => (float)weight)];
        float[] floatB = [.. b.Select(weight => (float)weight)];
        using SinkhornWorkspace<double> workspace = new();
        using SinkhornWorkspace<float> floatWorkspace = new();
        Sinkhorn solver = new();
        for (int round = 0; round < 50; round++)
            Both();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20; round++)
            Both();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Both()
        {
            Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f, _g);
            Engines.Default.Solve<float>(single, floatA, floatB, solver, floatWorkspace, _f, _g);
        }
    }

    [Test]
    public void AWorkspace_TakesAnotherProblemAndAnotherEngine()
    {
        (DenseGeometry<double> geometry, double[] a, double[] b) = Problem();
        DenseGeometry<double> small = new([0, 1, 1, 0], 2, 2);
        using SinkhornWorkspace<double> workspace = new();
        Sinkhorn solver = new() { Epsilon = 1 };
        SinkhornSummary first = Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f, _g);
        SinkhornSummary fact = Engines.SingleThreaded.Solve<double>(small, [0.5, 0.5], [0.5, 0.5], solver, workspace, _f.AsSpan(0, 2), _g.AsSpan(0, 2));
        SinkhornSummary again = Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f, _g);
        Assert.That(fact.TransportCost, Is.EqualTo(0.268941421).Within(1e-8));
        Assert.That(again, Is.EqualTo(first));
    }

    [Test]
    public void BadSpans_AreRefused()
    {
        (DenseGeometry<double> geometry, double[] a, double[] b) = Problem();
        using SinkhornWorkspace<double> workspace = new();
        Sinkhorn solver = new();
        Assert.Multiple(() =>
        {
            Refused(ProblemError.ShapeMismatch, () => Engines.Default.Solve<double>(geometry, a.AsSpan(1), b, solver, workspace, _f, _g));
            Refused(ProblemError.ShapeMismatch, () => Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f.AsSpan(1), _g));
            Refused(ProblemError.ShapeMismatch, () => Engines.Default.Solve<double>(geometry, a, b, solver, workspace, _f, _g.AsSpan(1)));
            Refused(ProblemError.Overlap, () => Engines.Default.Solve<double>(geometry, a, b, solver, workspace, a, _g));
            Refused(ProblemError.UnequalTotals, () => Engines.Default.Solve<double>(geometry, a, new double[Columns].Select(_ => 1.0).ToArray(), solver, workspace, _f, _g));
            Refused(ProblemError.ZeroMass, () => Engines.Default.Solve<double>(geometry, new double[Rows], b, solver, workspace, _f, _g));
        });
    }

    private static void Refused(ProblemError error, Action call) =>
        Assert.That(call, Throws.TypeOf<ProblemException>().With.Property(nameof(ProblemException.Error)).EqualTo(error));

    private static (DenseGeometry<double> Geometry, double[] A, double[] B) Problem()
    {
        Random random = new(11);
        double[] costs = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextDouble())];
        double[] a = [.. Enumerable.Range(0, Rows).Select(i => i % 4 == 2 ? 0 : 0.2 + random.NextDouble())];
        double[] b = [.. Enumerable.Range(0, Columns).Select(j => j % 5 == 3 ? 0 : 0.2 + random.NextDouble())];
        double scale = a.Sum() / b.Sum();
        return (new DenseGeometry<double>(costs, Rows, Columns), a, [.. b.Select(weight => weight * scale)]);
    }
}
