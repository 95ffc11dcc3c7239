using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// One entropic Gromov-Wasserstein solve of a whole batch: step by step sweeps on the gradients, the plans they lead to, and the gradients at
/// those, until every problem has ended; then the answers.
/// </summary>
internal sealed class GromovRun<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Sweeps a backend does before the solver looks at the states.</summary>
    private const long Budget = 1024;

    /// <summary>
    /// Sweeps of a step aim at this share of how far the last step moved the plan: what they leave is then small beside what the next gradient
    /// changes.
    /// </summary>
    private const double SweepShare = 0.1;

    /// <summary>The L1 error that sweeps of a step never need to go below, as a share of the tolerance; and the one they aim at first.</summary>
    private const double LeastSweepShare = 0.5;

    private const double FirstSweepTolerance = 1e-3;

    private readonly GromovWasserstein _options;
    private readonly GromovProblem<T>[] _problems;
    private readonly Execution _execution;
    private readonly GromovMatrices<T> _matrices;
    private readonly BackendBuffer<double> _potentials;
    private readonly BackendBuffer<double> _marginals;
    private readonly BackendBuffer<double> _moved;
    private readonly BackendBuffer<SinkhornState> _states;
    private readonly SinkhornState[] _hostStates;
    private readonly Progress[] _progress;
    private readonly double[] _epsilons;
    private readonly double[] _hostMarginals;
    private readonly double[] _hostMoved;
    private readonly double _tolerance;

    public GromovRun(GromovWasserstein options, IReadOnlyList<GromovProblem<T>> problems, Execution execution)
    {
        _options = options;
        _problems = [.. problems];
        _execution = execution;
        _tolerance = options.Tolerance ?? (typeof(T) == typeof(float) ? 1e-4 : 1e-6);
        foreach (GromovProblem<T> problem in _problems)
            RequireLossDefined(problem);
        _hostStates = new SinkhornState[_problems.Length];
        _progress = new Progress[_problems.Length];
        _epsilons = new double[_problems.Length];
        _matrices = new GromovMatrices<T>(_problems, options.Loss, execution);
        try
        {
            long count = _matrices.Table.PotentialCount;
            _hostMarginals = new double[count];
            _hostMoved = new double[count];
            _potentials = execution.Backend.Allocate<double>(count);
            _marginals = execution.Backend.Allocate<double>(count);
            _moved = execution.Backend.Allocate<double>(count);
            _states = execution.Backend.Allocate<SinkhornState>(_problems.Length);
        }
        catch
        {
            _moved?.Dispose();
            _marginals?.Dispose();
            _potentials?.Dispose();
            _matrices.Dispose();
            throw;
        }
    }

    private bool IsTiming => _tolerance == 0;

    private ProblemTable<T> Table => _matrices.Table;

    public void Dispose()
    {
        _states.Dispose();
        _moved.Dispose();
        _marginals.Dispose();
        _potentials.Dispose();
        _matrices.Dispose();
    }

    /// <summary>Runs every problem to its end and answers.</summary>
    public GromovResult<T>[] Solve()
    {
        StartAtProducts();
        List<GromovRow> running = [.. _matrices.Rows];
        for (int step = 1; running.Count > 0; step++)
        {
            Sweep(running, first: step == 1);
            WritePlans([.. running]);
            running.RemoveAll(row => HasEnded(row.Problem, step));
            if (running.Count > 0)
                _matrices.Differentiate([.. running]);
            _execution.Report(step);
        }

        return Answers();
    }

    /// <summary>The plans a b^T, which potentials of zero on costs of zero are, their gradients, and eps by them.</summary>
    private void StartAtProducts()
    {
        Array.Fill(_epsilons, 1);
        double[] zeros = new double[Table.PotentialCount];
        _potentials.CopyFrom(zeros, 0);
        _matrices.ClearGradients();
        WritePlans(_matrices.Rows);
        _matrices.Differentiate(_matrices.Rows);
        CostStatistics[] statistics = _matrices.Statistics();
        for (int k = 0; k < _epsilons.Length; k++)
        {
            double mean = statistics[k].MeanMagnitude;
            _epsilons[k] = _options.Epsilon ?? (mean == 0 ? _options.EpsilonRelative : _options.EpsilonRelative * mean);
            _progress[k] = new Progress { Range = statistics[k].Largest - statistics[k].Least };
            if (!double.IsNormal(_epsilons[k]) || !double.IsFinite(mean))
                Throw.OutOfRange("The gradient at the product of the weights, by its mean magnitude,", mean, "finite, and a normal number times EpsilonRelative: scale the costs");
        }
    }

    /// <summary>Sweeps of one step on all that run: the first with a schedule of eps from a cold start, later ones from the potentials they have.</summary>
    private void Sweep(List<GromovRow> running, bool first)
    {
        List<SinkhornStage> stages = [];
        foreach (ref SinkhornState state in _hostStates.AsSpan())
            state.Phase = SinkhornPhase.Exhausted;
        foreach (GromovRow row in running)
        {
            ref Progress progress = ref _progress[row.Problem];
            double tolerance = IsTiming ? 0 : Math.Clamp(SweepShare * progress.Moved, LeastSweepShare * _tolerance, Math.Max(FirstSweepTolerance, LeastSweepShare * _tolerance));
            int firstStage = stages.Count;
            SinkhornSchedule.Append(_epsilons[row.Problem], first && !IsTiming ? progress.Range : 0, _options.StepSweeps, tolerance, stages);
            long limit = _options.StepSweeps;
            for (int stage = firstStage; stage < stages.Count - 1; stage++)
                limit += stages[stage].SweepLimit;
            limit = Math.Min(limit, _options.MaxIterations - progress.Sweeps);
            _hostStates[row.Problem] = SinkhornRule.Begin(firstStage, stages.Count - 1, limit, cold: first, relax: !IsTiming, handOver: false, floor: 0);
        }

        SinkhornStage[] all = [.. stages];
        bool isRunning = true;
        while (isRunning)
        {
            _states.CopyFrom(_hostStates, 0);
            _execution.Backend.SinkhornSweep(_matrices.Loaded, all, _states, _potentials, Budget, _execution);
            _states.CopyTo(_hostStates, 0);
            isRunning = Array.Exists(_hostStates, state => state.Phase == SinkhornPhase.Running);
        }

        foreach (GromovRow row in running)
            _progress[row.Problem].Sweeps += _hostStates[row.Problem].Sweeps;
    }

    /// <summary>The plans of the potentials over those of the step before, and what they are like.</summary>
    private void WritePlans(ReadOnlySpan<GromovRow> rows)
    {
        _execution.Backend.GromovPlan(_matrices.Loaded, rows, _epsilons, _potentials, _matrices.Plans, _marginals, _moved, _execution);
        _marginals.CopyTo(_hostMarginals, 0);
        _moved.CopyTo(_hostMoved, 0);
    }

    /// <summary>Takes note of a step, and says whether it was a problem's last.</summary>
    private bool HasEnded(int k, int step)
    {
        ref Progress progress = ref _progress[k];
        ProblemRow problem = Table.Rows[k];
        progress.Steps = step;
        progress.Moved = TensorPrimitives.Sum<double>(_hostMoved.AsSpan((int)problem.PotentialsA, problem.Rows));
        progress.ErrorA = Error(Table.WeightsA(problem), problem.PotentialsA);
        progress.ErrorB = Error(Table.WeightsB(problem), problem.PotentialsB);
        bool failed = !double.IsFinite(progress.Moved + progress.ErrorA + progress.ErrorB) || _hostStates[k].Phase == SinkhornPhase.Failed;
        progress.Status = failed ? SolveStatus.NumericalFailure
            : !IsTiming && Math.Max(progress.Moved, Math.Max(progress.ErrorA, progress.ErrorB)) <= _tolerance ? SolveStatus.Converged
            : SolveStatus.MaxIterations;
        return progress.Status != SolveStatus.MaxIterations || step == _options.MaxSteps || progress.Sweeps >= _options.MaxIterations;
    }

    private double Error(ReadOnlySpan<T> weights, long offset)
    {
        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        CompensatedSum error = default;
        for (int i = 0; i < weights.Length; i++)
            error.Add(Math.Abs(_hostMarginals[(int)offset + i] - (double.CreateTruncating(weights[i]) / total.Value)));
        return error.Value;
    }

    /// <summary>What is read off the last costs, before the gradients at the answers, which the values are made of, overwrite them.</summary>
    private GromovResult<T>[] Answers()
    {
        PlanReduction[] reductions = new PlanReduction[_problems.Length];
        _execution.Backend.PlanReduce(_matrices.Loaded, _epsilons, _potentials, null, bracket: false, reductions, _execution);
        _execution.Backend.SoftMin(_matrices.Loaded, _epsilons, _potentials, _execution);
        _matrices.Differentiate(_matrices.Rows);
        (double Gromov, double Features)[] values = _matrices.Values(_hostMarginals);
        GromovResult<T>[] answers = new GromovResult<T>[_problems.Length];
        for (int k = 0; k < answers.Length; k++)
        {
            answers[k] = Answer(k, reductions[k], values[k].Gromov, values[k].Features);
            _execution.Complete(1);
        }

        return answers;
    }

    private GromovResult<T> Answer(int k, in PlanReduction reduction, double gromov, double features)
    {
        ProblemRow problem = Table.Rows[k];
        Progress progress = _progress[k];
        double mass = _problems[k].TotalA;
        double epsilon = _epsilons[k];
        double alpha = _problems[k].Alpha;
        bool fused = _problems[k].Features is not null;

        // P = mass times the plan of weights of total one, and a b^T is mass^2 times theirs.
        double gromovCost = mass * mass * gromov;
        double featureCost = fused ? mass * features : double.NaN;
        double value = fused ? ((1 - alpha) * featureCost) + (alpha * gromovCost) : gromovCost;
        double planMass = mass * TensorPrimitives.Sum<double>(_hostMarginals.AsSpan((int)problem.PotentialsA, problem.Rows));
        double divergence = (mass * reduction.Entropy) - (planMass * Math.Log(mass)) - planMass + (mass * mass);
        double[] f = new double[problem.Rows];
        double[] g = new double[problem.Columns];
        _potentials.CopyTo(f, problem.PotentialsA);
        _potentials.CopyTo(g, problem.PotentialsB);
        TensorPrimitives.Subtract(f, epsilon * Math.Log(mass), f);
        T[] masses = new T[Sizes.Product("The plan", problem.Rows, problem.Columns, "use fewer atoms")];
        _matrices.Plans.CopyTo(masses, _matrices.Rows[k].Matrix);
        TensorPrimitives.Multiply(masses, T.CreateTruncating(mass), masses);
        SolveStatus status = double.IsFinite(value) && double.IsFinite(divergence) ? progress.Status : SolveStatus.NumericalFailure;
        return new GromovResult<T>(new DensePlan<T>(problem.Rows, problem.Columns, masses))
        {
            Status = status,
            Value = value,
            GromovCost = gromovCost,
            FeatureCost = featureCost,
            RegularizedCost = value + (epsilon * divergence),
            Mass = planMass,
            Epsilon = epsilon,
            MarginalErrorA = mass * progress.ErrorA,
            MarginalErrorB = mass * progress.ErrorB,
            Moved = mass * progress.Moved,
            Steps = progress.Steps,
            Iterations = progress.Sweeps,
            Potentials = new DualPotentials(f, g),
            Advice = GromovWasserstein.Advice(status, epsilon, IsTiming),
        };
    }

    private void RequireLossDefined(GromovProblem<T> problem)
    {
        if (_options.Loss != GromovLoss.KullbackLeibler)
            return;
        Require("C1", problem.InnerA);
        Require("C2", problem.InnerB);

        static void Require(string what, Geometry<T> geometry)
        {
            if (geometry is not DenseGeometry<T> dense)
                return;
            int negative = Array.FindIndex(dense.Costs, cost => cost < T.Zero);
            if (negative >= 0)
                Throw.OutOfRange($"{what}[{negative / dense.Columns}, {negative % dense.Columns}]", double.CreateTruncating(dense.Costs[negative]), "at least 0 for the KL loss");
        }
    }

    /// <summary>Where one problem stands; errors of weights of total one.</summary>
    private struct Progress()
    {
        public SolveStatus Status = SolveStatus.MaxIterations;
        public double Range;
        public double Moved = double.PositiveInfinity;
        public double ErrorA;
        public double ErrorB;
        public long Sweeps;
        public int Steps;
    }
}
