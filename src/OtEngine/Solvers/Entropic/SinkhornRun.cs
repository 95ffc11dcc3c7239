using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// One entropic solve of a whole table: eps and stages by problem, sweeps by the backend until every problem has ended, confirmation
/// in double of those that met their tolerance, and the answers.
/// </summary>
internal sealed class SinkhornRun<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Sweeps a backend does before the solver looks at the states.</summary>
    private const long Budget = 1024;

    /// <summary>How often a problem whose tolerance is met by the backend's sums but not in double goes on.</summary>
    private const int MostRetries = 3;

    /// <summary>Newton aims at this share of the tolerance, for what differs between its state and the one that is measured last.</summary>
    private const double NewtonShare = 0.5;

    private readonly Sinkhorn _options;
    private readonly ProblemTable<T> _table;
    private readonly Execution _execution;
    private readonly LoadedTable<T> _loaded;
    private readonly BackendBuffer<double> _potentials;
    private readonly BackendBuffer<SinkhornState> _states;
    private readonly SinkhornState[] _hostStates;
    private readonly double[] _epsilons;
    private readonly double[] _masses;
    private readonly PlanReduction[] _reductions;
    private readonly double _tolerance;
    private readonly (int First, int Last)[] _stageRanges;
    private SinkhornStage[] _stages = [];

    public SinkhornRun(Sinkhorn options, ProblemTable<T> table, Execution execution)
    {
        _options = options;
        _table = table;
        _execution = execution;
        _tolerance = options.Tolerance ?? DefaultTolerance;
        int count = table.Rows.Length;
        _hostStates = new SinkhornState[count];
        _epsilons = new double[count];
        _masses = new double[count];
        _reductions = new PlanReduction[count];
        if (options.RecordHistory)
            execution.Histories = [.. Enumerable.Range(0, count).Select(_ => new List<ConvergencePoint>())];
        foreach (Geometry<T> geometry in table.Geometries)
        {
            if (geometry is SparseGeometry<T>)
                Throw.Unsupported("Entropic transport needs a cost for every pair of atoms; a sparse geometry has none for most. Use a dense geometry, or Exact.");
        }

        foreach (ProblemRow row in table.Rows)
        {
            if (row.Transposed != 0)
                Throw.Unsupported("Entropic transport reads geometries as they are stored; exchange the sides of the problem instead.");
        }

        _stageRanges = new (int, int)[table.Geometries.Length];
        _loaded = execution.Backend.Load(table);
        try
        {
            _potentials = execution.Backend.Allocate<double>(table.PotentialCount);
            _states = execution.Backend.Allocate<SinkhornState>(count);
            Prepare();
            Begin();
        }
        catch
        {
            _states?.Dispose();
            _potentials?.Dispose();
            _loaded.Dispose();
            throw;
        }
    }

    private bool IsTiming => _tolerance == 0;

    private static double DefaultTolerance => typeof(T) == typeof(float) ? 1e-4 : 1e-6;

    /// <summary>Below this an error that stands still has met the precision's floor.</summary>
    private static double Floor => typeof(T) == typeof(float) ? 1e-4 : 1e-10;

    public void Dispose()
    {
        _states.Dispose();
        _potentials.Dispose();
        _loaded.Dispose();
    }

    /// <summary>Takes the weights as they now are in the table and puts every problem at its start.</summary>
    public void Begin()
    {
        _loaded.Refresh();
        for (int row = 0; row < _hostStates.Length; row++)
        {
            ProblemRow problem = _table.Rows[row];
            _masses[row] = Total(_table.WeightsA(problem));
            (int first, int last) = _stageRanges[problem.Geometry];
            _hostStates[row] = SinkhornRule.Begin(
                first,
                last,
                _options.MaxIterations,
                _options.WarmStart is null,
                _options.OverRelaxation && !IsTiming,
                _options.NewtonFinish && !IsTiming,
                Floor);
            if (_options.WarmStart is { } warm)
                Start(problem, warm, _epsilons[row] * Math.Log(_masses[row]));
        }
    }

    /// <summary>Runs every problem to its end.</summary>
    public void Sweep(bool bracket)
    {
        bool running = true;
        for (int round = 0; running; round++)
        {
            SweepToEnd();
            Backend backend = _execution.Backend;
            backend.PlanReduce(_loaded, _epsilons, _potentials, null, bracket, _reductions, _execution);
            running = false;
            for (int row = 0; row < _hostStates.Length; row++)
            {
                ref SinkhornState state = ref _hostStates[row];
                if (state.Phase != SinkhornPhase.Met || IsWithinTolerance(row))
                    continue;
                if (round < MostRetries)
                    SinkhornRule.Retry(ref state);
                else
                    state.Phase = SinkhornPhase.Stalled;
                running |= state.Phase == SinkhornPhase.Running;
            }
        }
    }

    /// <summary>Gives the atoms without mass their potentials.</summary>
    public void Extend() => _execution.Backend.SoftMin(_loaded, _epsilons, _potentials, _execution);

    /// <summary>sum C P of a problem over its mass units; NaN if it did not converge and was asked to.</summary>
    public double Cost(int row) =>
        Status(row) is SolveStatus.Converged || (IsTiming && Status(row) == SolveStatus.MaxIterations) ? _masses[row] * _reductions[row].TransportCost : double.NaN;

    /// <summary>The numbers of one answer, without a bracket, and its potentials into memory of the caller.</summary>
    public SinkhornSummary Summary(int row, Span<double> f, Span<double> g)
    {
        ProblemRow problem = _table.Rows[row];
        PlanReduction reduction = _reductions[row];
        double epsilon = _epsilons[row];
        double mass = _masses[row];
        _potentials.CopyTo(f, problem.PotentialsA);
        _potentials.CopyTo(g, problem.PotentialsB);

        // P = mass times the plan of weights of total one, and a b^T is mass^2 times theirs.
        double shift = epsilon * Math.Log(mass);
        TensorPrimitives.Subtract(f, shift, f);
        double cost = mass * reduction.TransportCost;
        double planMass = mass * reduction.Mass;
        double product = mass * mass;
        return new SinkhornSummary
        {
            Status = Status(row),
            TransportCost = cost,
            RegularizedCost = cost + (epsilon * ((mass * reduction.Entropy) - (planMass * Math.Log(mass)) - planMass + product)),
            DualCost = (mass * reduction.Linear) - (shift * mass) - (epsilon * (planMass - product)),
            Mass = planMass,
            MarginalErrorA = mass * reduction.ErrorA,
            MarginalErrorB = mass * reduction.ErrorB,
            Iterations = _hostStates[row].Sweeps,
            Epsilon = epsilon,
        };
    }

    /// <summary>The answer to one problem.</summary>
    public TransportResult<T> Answer(int row)
    {
        ProblemRow problem = _table.Rows[row];
        PlanReduction reduction = _reductions[row];
        double mass = _masses[row];
        double[] f = new double[problem.Rows];
        double[] g = new double[problem.Columns];
        SinkhornSummary summary = Summary(row, f, g);
        Geometry<T> geometry = _table.Geometries[problem.Geometry];
        DualPotentials potentials = new(f, g);
        double lower = mass * reduction.LowerBound;
        double upper = mass * reduction.UpperBound;
        double gap = upper == lower ? 0 : double.IsInfinity(upper) || double.IsInfinity(lower) ? double.PositiveInfinity : (upper - lower) / Math.Max(Math.Abs(upper), Math.Abs(lower));
        EntropicPlan<T> plan = new(geometry, _table.WeightsA(problem), _table.WeightsB(problem), potentials, summary.Epsilon, mass, _execution);
        return new TransportResult<T>(plan)
        {
            Status = summary.Status,
            TransportCost = summary.TransportCost,
            RegularizedCost = summary.RegularizedCost,
            DualCost = summary.DualCost,
            LowerBound = lower,
            UpperBound = upper,
            Distance = geometry.MetricPower is { } q ? Math.Pow(Math.Max(summary.TransportCost, 0) / mass, 1 / q) : double.NaN,
            Mass = summary.Mass,
            MarginalErrorA = summary.MarginalErrorA,
            MarginalErrorB = summary.MarginalErrorB,
            Iterations = summary.Iterations,
            Certificate = new Certificate(double.NaN, gap),
            Potentials = potentials,
            Epsilon = summary.Epsilon,
            Advice = Advice(row, summary.Status),
            History = History(row),
        };
    }

    /// <summary>The recorded errors, of the masses as given.</summary>
    private ConvergencePoint[] History(int row) => _execution.Histories is { } histories
        ? [.. histories[row].Select(point => point with { MarginalErrorA = _masses[row] * point.MarginalErrorA })]
        : [];

    private static double Total(ReadOnlySpan<T> weights)
    {
        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        return total.Value;
    }

    /// <summary>Resolves eps and lays out the stages, by geometry.</summary>
    private void Prepare()
    {
        bool scheduled = _options.EpsilonSchedule && !IsTiming && _options.WarmStart is null;
        CostStatistics[] statistics = new CostStatistics[_table.Geometries.Length];
        if (scheduled || _options.Epsilon is null)
            _execution.Backend.CostReduce(_loaded, statistics, _execution);
        List<SinkhornStage> stages = [];
        double[] epsilons = new double[statistics.Length];
        for (int k = 0; k < statistics.Length; k++)
        {
            double mean = statistics[k].MeanMagnitude;
            epsilons[k] = _options.Epsilon ?? (mean > 0 ? _options.EpsilonRelative * mean : _options.EpsilonRelative);
            if (!double.IsNormal(epsilons[k]))
                Throw.OutOfRange("The regularisation, EpsilonRelative times the mean cost,", epsilons[k], "a normal number: scale the costs, or give Epsilon itself");
            _stageRanges[k].First = stages.Count;
            double range = scheduled ? statistics[k].Largest - statistics[k].Least : 0;
            SinkhornSchedule.Append(epsilons[k], range, _options.MaxIterations, _tolerance, stages);
            _stageRanges[k].Last = stages.Count - 1;
        }

        _stages = [.. stages];
        for (int row = 0; row < _epsilons.Length; row++)
            _epsilons[row] = epsilons[_table.Rows[row].Geometry];
    }

    private void Start(in ProblemRow problem, DualPotentials warm, double shift)
    {
        warm.Require(problem.Rows, problem.Columns);
        double[] f = warm.F.ToArray();
        TensorPrimitives.Add(f, shift, f);
        _potentials.CopyFrom(f, problem.PotentialsA);
        _potentials.CopyFrom(warm.G.Span, problem.PotentialsB);
    }

    private void SweepToEnd()
    {
        Backend backend = _execution.Backend;
        bool running = true;
        while (running)
        {
            _states.CopyFrom(_hostStates, 0);
            backend.SinkhornSweep(_loaded, _stages, _states, _potentials, Budget, _execution);
            _states.CopyTo(_hostStates, 0);
            running = false;
            for (int row = 0; row < _hostStates.Length; row++)
            {
                if (_hostStates[row].Phase == SinkhornPhase.Slow)
                    Finish(row);
                running |= _hostStates[row].Phase == SinkhornPhase.Running;
            }
        }
    }

    /// <summary>Newton steps, then the sweeps that confirm them; where they fail sweeps go on to the end.</summary>
    private void Finish(int row)
    {
        ref SinkhornState state = ref _hostStates[row];
        ProblemRow problem = _table.Rows[row];
        using NewtonFinish<T> finish = new(_table, row, _epsilons[row], _potentials, _execution);
        bool met = finish.Run(NewtonShare * _tolerance, state.SweepLimit - state.Sweeps);
        _potentials.CopyFrom(finish.F, problem.PotentialsA);
        _potentials.CopyFrom(finish.G, problem.PotentialsB);
        SinkhornRule.Resume(ref state, finish.Iterations, met);
    }

    private bool IsWithinTolerance(int row) => _reductions[row].ErrorA <= _tolerance && _reductions[row].ErrorB <= _tolerance;

    private SolveStatus Status(int row)
    {
        PlanReduction reduction = _reductions[row];
        if (!double.IsFinite(reduction.TransportCost + reduction.ErrorA + reduction.ErrorB + reduction.Linear))
            return SolveStatus.NumericalFailure;
        if (!IsTiming && _hostStates[row].Phase != SinkhornPhase.Failed && IsWithinTolerance(row))
            return SolveStatus.Converged;
        return _hostStates[row].Phase switch
        {
            SinkhornPhase.Met => SolveStatus.Converged,
            SinkhornPhase.Stalled => SolveStatus.Stalled,
            SinkhornPhase.Failed => SolveStatus.NumericalFailure,
            _ => SolveStatus.MaxIterations,
        };
    }

    private string? Advice(int row, SolveStatus status)
    {
        if (status == SolveStatus.Converged || (status == SolveStatus.MaxIterations && IsTiming))
            return null;
        string epsilon = _epsilons[row].ToString("R", CultureInfo.InvariantCulture);
        return status switch
        {
            SolveStatus.NumericalFailure => $"At epsilon {epsilon} the potentials left the range of numbers; use a larger epsilon, double in place of float, or Exact.",
            SolveStatus.Stalled => $"At epsilon {epsilon} the marginal errors cannot be made smaller in this precision; use a larger tolerance or epsilon, or double.",
            _ => $"At epsilon {epsilon} the marginal errors are still above the tolerance; allow more iterations, or use a larger epsilon or tolerance.",
        };
    }
}
