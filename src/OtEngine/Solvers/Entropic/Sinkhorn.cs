using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Entropic transport: min sum_ij C_ij P_ij + eps KL(P | a b^T) over P with row sums a and column sums b, where
/// KL(p | q) = sum p ln(p / q) - p + q. The plan is P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps); f and g are found by alternating
/// soft c-transforms in the log domain, with a schedule of eps, safeguarded over-relaxation, and a Newton finish where sweeps are slow.
/// </summary>
/// <remarks>
/// On stored costs, on points (costs computed on the fly, memory linear in n + m beyond <see cref="EngineOptions.CostMatrixBudget"/>) and
/// on grids. Every answer comes with both marginal errors, measured in double on exactly what is returned, and with a bracket
/// on the exact cost. Sources: M. Cuturi, Sinkhorn distances, NIPS 2013; B. Schmitzer, Stabilized sparse scaling algorithms for entropy
/// regularized transport problems, SIAM J. Sci. Comput. 41 (2019).
/// </remarks>
public sealed record Sinkhorn : TransportSolver
{
    private readonly double? _epsilon;
    private readonly double _epsilonRelative = 0.05;
    private readonly double? _tolerance;
    private readonly long _maxIterations = 10_000;

    /// <summary>eps in cost units, positive and finite; null takes <see cref="EpsilonRelative"/> times the mean cost.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: not positive, not finite, or below the least normal number.</exception>
    public double? Epsilon
    {
        get => _epsilon;
        init
        {
            if (value is { } epsilon && !(double.IsNormal(epsilon) && epsilon > 0))
                Throw.OutOfRange("Epsilon", epsilon, "positive and finite (at least 2.3e-308), or null for a multiple of the mean cost");
            _epsilon = value;
        }
    }

    /// <summary>
    /// eps as a multiple of the mean of |C_ij| over all pairs of atoms, massless ones included, where <see cref="Epsilon"/> is null; default 0.05.
    /// Where all costs are zero eps is this number itself.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: not positive or not finite.</exception>
    public double EpsilonRelative
    {
        get => _epsilonRelative;
        init
        {
            if (!(double.IsNormal(value) && value > 0))
                Throw.OutOfRange("EpsilonRelative", value, "positive and finite (at least 2.3e-308)");
            _epsilonRelative = value;
        }
    }

    /// <summary>
    /// L1 error of each marginal, over the mass, at which the answer has converged; null is 1e-6 in double and 1e-4 in float. 0 runs exactly
    /// <see cref="MaxIterations"/> plain sweeps at the final eps, for timing.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: negative, NaN, or 1 and above.</exception>
    public double? Tolerance
    {
        get => _tolerance;
        init
        {
            if (value is { } tolerance && !(tolerance >= 0 && tolerance < 1))
                Throw.OutOfRange("Tolerance", tolerance, "at least 0 and below 1, or null for the default of the element type");
            _tolerance = value;
        }
    }

    /// <summary>Most full sweeps, both potentials, over all stages of the schedule, at least 1; default 10,000. Iterations of a Newton
    /// finish count as sweeps.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: less than 1.</exception>
    public long MaxIterations
    {
        get => _maxIterations;
        init
        {
            if (value < 1)
                Throw.OutOfRange("MaxIterations", value, "at least 1");
            _maxIterations = value;
        }
    }

    /// <summary>Potentials to start from, of the size of the problem; the schedule is skipped then. Any finite values are valid.</summary>
    public DualPotentials? WarmStart { get; init; }

    /// <summary>Whether eps comes down to its value in stages, from the range of the costs; default true.</summary>
    public bool EpsilonSchedule { get; init; } = true;

    /// <summary>Whether sweeps are over-relaxed, by the observed rate and back to plain ones where the error grows; default true.</summary>
    public bool OverRelaxation { get; init; } = true;

    /// <summary>Whether truncated Newton steps take over where relaxed sweeps still contract the error by less than 3 % each; default true.</summary>
    public bool NewtonFinish { get; init; } = true;

    /// <summary>Whether <see cref="TransportResult{T}.History"/> is filled, one point a sweep; default false. It changes no number.</summary>
    public bool RecordHistory { get; init; }

    internal override TransportResult<T>[] Solve<T>(ProblemTable<T> table, Execution execution)
    {
        using SinkhornRun<T> run = new(this, table, execution);
        run.Sweep(bracket: true);
        run.Extend();
        TransportResult<T>[] results = new TransportResult<T>[table.Rows.Length];
        for (int row = 0; row < results.Length; row++)
        {
            results[row] = run.Answer(row);
            execution.Complete(1);
        }

        return results;
    }

    internal override void SolveCosts<T>(ProblemTable<T> table, Memory<double> costs, Execution execution)
    {
        const int PotentialsAtOnce = 1 << 21;
        int first = 0;
        while (first < table.Rows.Length)
        {
            int count = 0;
            for (long potentials = 0; first + count < table.Rows.Length && potentials < PotentialsAtOnce; count++)
                potentials += table.Rows[first + count].Rows + (long)table.Rows[first + count].Columns;
            using ProblemTable<T> part = table.Range(first, count);
            using SinkhornRun<T> run = new(this, part, execution);
            run.Sweep(bracket: false);
            for (int row = 0; row < count; row++)
                costs.Span[first + row] = run.Cost(row);
            execution.Complete(count);
            first += count;
        }
    }
}
