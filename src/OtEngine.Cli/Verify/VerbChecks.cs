using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>
/// Runs each verb of the seam on one ragged table of all problems, or on a ragged batch of its own, and compares what it computes with the
/// reference. Together they launch every kernel of a device: <c>compute-sanitizer</c> over <c>ot verify</c> is over all of them.
/// </summary>
internal sealed partial class VerbChecks<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Sweeps = 3;
    private const double Omega = 1.25;
    private const int Width = 5;

    /// <summary>Rows beyond which a problem is a table of its own too: on a device its exponents are then kept on chip.</summary>
    private const int LargeRows = 256;

    /// <summary>The larger of the two grids is read along the axes on a device too.</summary>
    private const long PairsAlongAxes = 256 * 256;

    private readonly Execution _execution;
    private readonly VerifyTable<T> _all;
    private readonly VerifyTable<T> _points;
    private readonly VerifyTable<T> _far;
    private readonly VerifyTable<T>[] _alone;
    private readonly int _seed;

    /// <summary>Loads the tables.</summary>
    /// <param name="problems">For most verbs.</param>
    /// <param name="far">Of potentials so far apart that no sweep trusts its sums.</param>
    /// <param name="seed">Of what else is drawn.</param>
    /// <param name="execution">Backend and threads.</param>
    public VerbChecks(IReadOnlyList<VerifyProblem<T>> problems, IReadOnlyList<VerifyProblem<T>> far, int seed, Execution execution)
    {
        _execution = execution;
        _seed = seed;
        if (execution.Backend is Cuda.CudaBackend cuda)
            cuda.Runtime.Options.PairsAlongAxes = PairsAlongAxes;
        _all = new VerifyTable<T>(problems, execution.Backend);
        _points = new VerifyTable<T>([.. problems.Where(problem => problem.HasPoints)], execution.Backend);
        _far = new VerifyTable<T>(far, execution.Backend);
        _alone = [.. problems.Where(problem => problem is { Kind: "dense", Rows: > LargeRows }).Select(problem => new VerifyTable<T>([problem], execution.Backend))];
    }

    /// <summary>Every verb, with the name of its file.</summary>
    public IReadOnlyList<(string Verb, Func<VerbError> Check)> All =>
    [
        ("CostMatrix", CostMatrix), ("CostReduce", CostReduce),
        ("SinkhornSweep", () => SinkhornSweep(_all, _all.Loaded, Sweeps, Omega, _execution)),
        ("SinkhornSweep, alone", () => _alone.Aggregate(default(VerbError), (largest, table) => largest.Or(SinkhornSweep(table, table.Loaded, Sweeps, Omega, _execution)))),
        ("SinkhornSweep, unstored", () => SweepUnstored(_all, Sweeps, Omega)),
        ("SinkhornSweep, shifted", () => SinkhornSweep(_far, _far.Loaded, 1, 1, _execution).Or(SweepUnstored(_far, 1, 1))),
        ("SoftMin", SoftMin), ("PlanReduce", PlanReduce), ("PlanReduce, bracket", Bracket),
        ("PlanApply", PlanApply), ("PlanWrite", PlanWrite), ("PlanCostGradient", PlanCostGradient), ("ReducedCosts", ReducedCosts),
        ("Assignment", Assignment), ("SlicedCost", SlicedCost), ("GromovConstants", () => GromovStep().Constants), ("GromovPlan", () => GromovStep().Plan), ("GromovGradient", () => GromovStep().Gradient),
        ("Multiply", Multiply), ("Vector", Vector),
        .. _execution.Backend is Cuda.CudaBackend cuda ? [("Limits", () => Limits(cuda.Runtime))] : ((string, Func<VerbError>)[])[],
    ];

    private Backend Backend => _execution.Backend;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VerifyTable<T> table in _alone)
            table.Dispose();
        _far.Dispose();
        _points.Dispose();
        _all.Dispose();
    }

    private VerbError CostMatrix()
    {
        long[] offsets = new long[_all.Problems.Count];
        long end = 0;
        for (int row = 0; row < offsets.Length; row++)
        {
            offsets[row] = end;
            end += (long)_all.Problems[row].Rows * _all.Problems[row].Columns;
        }

        using BackendBuffer<T> costs = Backend.Allocate<T>(end);
        Backend.CostMatrix(_all.Loaded, offsets, costs, _execution);
        return _all.Largest((problem, row) =>
        {
            T[] found = new T[problem.Rows * problem.Columns];
            costs.CopyTo(found, offsets[row]);
            return VerbError.Between(Array.ConvertAll(found, double.CreateChecked), problem.Reference.Costs, VerifyProblem<T>.Epsilon, VerbError.Roundoff<T>());
        });
    }

    private VerbError CostReduce()
    {
        CostStatistics[] statistics = new CostStatistics[_all.Table.Geometries.Length];
        Backend.CostReduce(_all.Loaded, statistics, _execution);
        return _all.Largest((problem, row) =>
        {
            CostStatistics found = statistics[_all.Table.Rows[row].Geometry];
            return Compare(problem, [found.Least, found.Largest, found.MeanMagnitude], problem.Reference.Statistics);
        });
    }

    /// <summary>Points in memory of their own size, on a table that has kept nothing yet.</summary>
    private VerbError SweepUnstored(VerifyTable<T> table, int sweeps, double omega)
    {
        using LoadedTable<T> loaded = Backend.Load(table.Table);
        return SinkhornSweep(table, loaded, sweeps, omega, new Execution(Backend, _execution.Threads, 0, null, _execution.Cancellation));
    }

    private VerbError SinkhornSweep(VerifyTable<T> table, LoadedTable<T> loaded, int sweeps, double omega, Execution execution)
    {
        table.SetPotentials();
        using BackendBuffer<SinkhornState> states = Backend.Allocate<SinkhornState>(table.Problems.Count);
        SinkhornState[] start = new SinkhornState[table.Problems.Count];
        Array.Fill(start, SinkhornRule.Begin(0, 0, sweeps, cold: false, relax: false, handOver: false, 0));
        for (int row = 0; row < start.Length; row++)
            start[row].Omega = omega;
        states.CopyFrom(start, 0);
        SinkhornStage[] stages = [new SinkhornStage(VerifyProblem<T>.Epsilon, sweeps, 0)];
        Backend.SinkhornSweep(loaded, stages, states, table.Potentials, sweeps, execution);

        // The guards may go back to plain sweeps, and say so; sums shifted by their maxima move a constant between the sides.
        states.CopyTo(start, 0);
        return table.Largest((problem, row) => Compare(
            problem,
            problem.Reference.Aligned(table.Pairs(table.Potentials, row)),
            problem.Reference.Aligned(problem.Reference.Swept(sweeps, start[row].Omega))));
    }

    private VerbError SoftMin()
    {
        _all.SetPotentials();
        Backend.SoftMin(_all.Loaded, _all.Epsilons, _all.Potentials, _execution);
        return _all.Largest((problem, row) => Compare(problem, _all.Pairs(_all.Potentials, row), problem.Reference.Extended));
    }

    private VerbError PlanReduce()
    {
        _all.SetPotentials();
        PlanReduction[] reductions = new PlanReduction[_all.Problems.Count];
        using BackendBuffer<double> marginals = Backend.Allocate<double>(_all.Table.PotentialCount);
        Backend.PlanReduce(_all.Loaded, _all.Epsilons, _all.Potentials, marginals, bracket: false, reductions, _execution);
        return _all.Largest((problem, row) =>
        {
            PlanReduction found = reductions[row];
            return Compare(problem, [found.TransportCost, found.Mass, found.Entropy, found.Linear, found.ErrorA, found.ErrorB], problem.Reference.Sums)
                .Or(CompareShares(problem, _all.Pairs(marginals, row), problem.Reference.Marginals));
        });
    }

    private VerbError Bracket()
    {
        _all.SetPotentials();
        PlanReduction[] reductions = new PlanReduction[_all.Problems.Count];
        Backend.PlanReduce(_all.Loaded, _all.Epsilons, _all.Potentials, null, bracket: true, reductions, _execution);
        return _all.Largest((problem, row) =>
        {
            // Along the axes of a grid the cost of a b^T is taken where that is less than that of the rounded plan.
            (double lower, double upper) = problem.Reference.Bracket;
            upper = problem.Kind == "grid" && (Backend is Cpu.CpuBackend || (long)problem.Rows * problem.Columns >= PairsAlongAxes) ? Math.Min(upper, problem.Reference.ProductCost) : upper;
            return Compare(problem, [reductions[row].LowerBound, reductions[row].UpperBound], [lower, upper]);
        });
    }

    private VerbError PlanApply() => LargestOfPlans((problem, plan) =>
    {
        double[] values = Values(problem.Columns * Width), images = new double[problem.Rows * Width];
        double[] back = Values(problem.Rows * Width), preimages = new double[problem.Columns * Width];
        plan.Apply(transposed: false, values, Width, images, _execution);
        plan.Apply(transposed: true, back, Width, preimages, _execution);
        return CompareShares(problem, images, problem.Reference.Applied(values, Width, transposed: false))
            .Or(CompareShares(problem, preimages, problem.Reference.Applied(back, Width, transposed: true)));
    });

    private VerbError PlanWrite() => LargestOfPlans((problem, plan) =>
    {
        double[] written = new double[problem.Rows * problem.Columns];
        plan.Write(0, problem.Rows, written, _execution);
        return CompareShares(problem, written, problem.Reference.Plan);
    });

    private VerbError PlanCostGradient()
    {
        _points.SetPotentials();
        VerbError largest = default;
        foreach (TransportSide side in (TransportSide[])[TransportSide.A, TransportSide.B])
        {
            long[] offsets = _points.Table.CoordinateOffsets(side);
            using BackendBuffer<double> gradients = Backend.Allocate<double>(offsets[^1]);
            Backend.PlanCostGradient(_points.Loaded, _points.Epsilons, _points.Potentials, side, gradients, _execution);
            largest = largest.Or(_points.Largest((problem, row) =>
            {
                double[] found = new double[offsets[row + 1] - offsets[row]];
                gradients.CopyTo(found, offsets[row]);
                return CompareShares(problem, found, problem.CostGradient(side));
            }));
        }

        return largest;
    }

    /// <summary>Numbers from -1 to 1 that no two neighbours share.</summary>
    private static double[] Values(int count) => [.. Enumerable.Range(0, count).Select(k => Math.Sin(k + 1))];

    /// <summary>Costs, potentials and sums over all of a plan, which are of the order of one.</summary>
    private static VerbError Compare(VerifyProblem<T> problem, ReadOnlySpan<double> found, ReadOnlySpan<double> expected) =>
        VerbError.Between(found, expected, VerifyProblem<T>.Epsilon, Unit(problem));

    /// <summary>Parts of a plan, the smaller the more atoms there are: errors are measured by the largest of them.</summary>
    private static VerbError CompareShares(VerifyProblem<T> problem, ReadOnlySpan<double> found, ReadOnlySpan<double> expected) =>
        VerbError.Between(found, expected, 0, Unit(problem));

    private static double Unit(VerifyProblem<T> problem) => VerbError.Roundoff<T>() * (problem.Rows + problem.Columns + problem.Reference.LargestExponent);

    private VerbError LargestOfPlans(Func<VerifyProblem<T>, LoadedPlan, VerbError> check)
    {
        _all.SetPotentials();
        return _all.Largest((problem, row) =>
        {
            using LoadedPlan plan = Backend.LoadPlan(_all.Loaded, row, VerifyProblem<T>.Epsilon, _all.Potentials, keep: false, _execution);
            return check(problem, plan);
        });
    }
}
