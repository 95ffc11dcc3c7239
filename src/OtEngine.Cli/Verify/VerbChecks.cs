using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>Runs each verb of the seam on one ragged table of all problems and compares what it computes with the reference.</summary>
internal sealed class VerbChecks<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Sweeps = 3;
    private const double Omega = 1.25;
    private const int Width = 3;
    private readonly IReadOnlyList<VerifyProblem<T>> _problems;
    private readonly Execution _execution;
    private readonly ProblemTable<T> _table;
    private readonly LoadedTable<T> _loaded;
    private readonly BackendBuffer<double> _potentials;
    private readonly double[] _epsilons;

    /// <summary>Loads the table.</summary>
    public VerbChecks(IReadOnlyList<VerifyProblem<T>> problems, Execution execution)
    {
        _problems = problems;
        _execution = execution;
        _table = ProblemTable<T>.Of([.. problems.Select(problem => problem.Problem)]);
        _loaded = execution.Backend.Load(_table);
        _potentials = execution.Backend.Allocate<double>(_table.PotentialCount);
        _epsilons = new double[problems.Count];
        Array.Fill(_epsilons, VerifyProblem<T>.Epsilon);
    }

    /// <summary>Every verb, with the name of its file.</summary>
    public IReadOnlyList<(string Verb, Func<VerbError> Check)> All =>
    [
        ("CostReduce", CostReduce), ("SinkhornSweep", () => SinkhornSweep(_loaded, _execution)),
        ("SinkhornSweep, unstored", SweepUnstored), ("SoftMin", SoftMin), ("PlanReduce", PlanReduce), ("PlanReduce, bracket", Bracket),
        ("PlanApply", PlanApply), ("PlanWrite", PlanWrite),
    ];

    private Backend Backend => _execution.Backend;

    /// <inheritdoc/>
    public void Dispose()
    {
        _potentials.Dispose();
        _loaded.Dispose();
        _table.Dispose();
    }

    private VerbError CostReduce()
    {
        CostStatistics[] statistics = new CostStatistics[_table.Geometries.Length];
        Backend.CostReduce(_loaded, statistics, _execution);
        return Largest((problem, row) =>
        {
            CostStatistics found = statistics[_table.Rows[row].Geometry];
            return Compare(problem, [found.Least, found.Largest, found.MeanMagnitude], problem.Reference.Statistics);
        });
    }

    /// <summary>Points in memory of their own size, on a table that has kept nothing yet.</summary>
    private VerbError SweepUnstored()
    {
        using LoadedTable<T> loaded = Backend.Load(_table);
        return SinkhornSweep(loaded, new Execution(Backend, _execution.Threads, 0, null, _execution.Cancellation));
    }

    private VerbError SinkhornSweep(LoadedTable<T> loaded, Execution execution)
    {
        SetPotentials();
        using BackendBuffer<SinkhornState> states = Backend.Allocate<SinkhornState>(_problems.Count);
        SinkhornState[] start = new SinkhornState[_problems.Count];
        Array.Fill(start, SinkhornRule.Begin(0, 0, Sweeps, cold: false, relax: false, handOver: false, 0));
        for (int row = 0; row < start.Length; row++)
            start[row].Omega = Omega;
        states.CopyFrom(start, 0);
        SinkhornStage[] stages = [new SinkhornStage(VerifyProblem<T>.Epsilon, Sweeps, 0)];
        Backend.SinkhornSweep(loaded, stages, states, _potentials, Sweeps, execution);

        // The guards may go back to plain sweeps, and say so; sums shifted by their maxima move a constant between the sides.
        states.CopyTo(start, 0);
        return Largest((problem, row) => Compare(
            problem, problem.Reference.Aligned(GetPotentials(row)), problem.Reference.Aligned(problem.Reference.Swept(Sweeps, start[row].Omega))));
    }

    private VerbError SoftMin()
    {
        SetPotentials();
        Backend.SoftMin(_loaded, _epsilons, _potentials, _execution);
        return Largest((problem, row) => Compare(problem, GetPotentials(row), problem.Reference.Extended));
    }

    private VerbError PlanReduce()
    {
        SetPotentials();
        PlanReduction[] reductions = new PlanReduction[_problems.Count];
        using BackendBuffer<double> marginals = Backend.Allocate<double>(_table.PotentialCount);
        Backend.PlanReduce(_loaded, _epsilons, _potentials, marginals, bracket: false, reductions, _execution);
        return Largest((problem, row) =>
        {
            PlanReduction found = reductions[row];
            double[] sums = new double[problem.Rows + problem.Columns];
            marginals.CopyTo(sums.AsSpan(0, problem.Rows), _table.Rows[row].PotentialsA);
            marginals.CopyTo(sums.AsSpan(problem.Rows), _table.Rows[row].PotentialsB);
            return Compare(problem, [found.TransportCost, found.Mass, found.Entropy, found.Linear, found.ErrorA, found.ErrorB], problem.Reference.Sums)
                .Or(Compare(problem, sums, problem.Reference.Marginals));
        });
    }

    private VerbError Bracket()
    {
        SetPotentials();
        PlanReduction[] reductions = new PlanReduction[_problems.Count];
        Backend.PlanReduce(_loaded, _epsilons, _potentials, null, bracket: true, reductions, _execution);
        return Largest((problem, row) => Compare(problem, [reductions[row].LowerBound, reductions[row].UpperBound], problem.Reference.Bracket));
    }

    private VerbError PlanApply() => LargestOfPlans((problem, plan) =>
    {
        double[] values = Values(problem.Columns * Width), images = new double[problem.Rows * Width];
        double[] back = Values(problem.Rows * Width), preimages = new double[problem.Columns * Width];
        plan.Apply(transposed: false, values, Width, images, _execution);
        plan.Apply(transposed: true, back, Width, preimages, _execution);
        return Compare(problem, images, problem.Reference.Applied(values, Width, transposed: false))
            .Or(Compare(problem, preimages, problem.Reference.Applied(back, Width, transposed: true)));
    });

    private VerbError PlanWrite() => LargestOfPlans((problem, plan) =>
    {
        double[] written = new double[problem.Rows * problem.Columns];
        plan.Write(0, problem.Rows, written, _execution);
        return Compare(problem, written, problem.Reference.Plan);
    });

    /// <summary>Numbers from -1 to 1 that no two neighbours share.</summary>
    private static double[] Values(int count) => [.. Enumerable.Range(0, count).Select(k => Math.Sin(k + 1))];

    private static VerbError Compare(VerifyProblem<T> problem, ReadOnlySpan<double> found, ReadOnlySpan<double> expected)
    {
        double roundoff = double.CreateChecked(T.BitIncrement(T.One) - T.One) / 2;
        return VerbError.Between(found, expected, VerifyProblem<T>.Epsilon, roundoff * (problem.Rows + problem.Columns + problem.Reference.LargestExponent));
    }

    private VerbError Largest(Func<VerifyProblem<T>, int, VerbError> check)
    {
        VerbError largest = default;
        for (int row = 0; row < _problems.Count; row++)
            largest = largest.Or(check(_problems[row], row));
        return largest;
    }

    private VerbError LargestOfPlans(Func<VerifyProblem<T>, LoadedPlan, VerbError> check)
    {
        SetPotentials();
        return Largest((problem, row) =>
        {
            using LoadedPlan plan = Backend.LoadPlan(_loaded, row, VerifyProblem<T>.Epsilon, _potentials, keep: false, _execution);
            return check(problem, plan);
        });
    }

    private void SetPotentials()
    {
        for (int row = 0; row < _problems.Count; row++)
        {
            _potentials.CopyFrom(_problems[row].F, _table.Rows[row].PotentialsA);
            _potentials.CopyFrom(_problems[row].G, _table.Rows[row].PotentialsB);
        }
    }

    private double[] GetPotentials(int row)
    {
        VerifyProblem<T> problem = _problems[row];
        double[] potentials = new double[problem.Rows + problem.Columns];
        _potentials.CopyTo(potentials.AsSpan(0, problem.Rows), _table.Rows[row].PotentialsA);
        _potentials.CopyTo(potentials.AsSpan(problem.Rows), _table.Rows[row].PotentialsB);
        return potentials;
    }
}
