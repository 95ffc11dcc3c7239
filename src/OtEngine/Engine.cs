using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Runs solvers on problems. Thread-safe: any number of threads may call one engine at once. The same inputs, options
/// and device give the same bits, for any number of threads.
/// </summary>
public sealed partial class Engine : IDisposable
{
    private readonly CpuBackend _cpu = new();
    private readonly Backend? _device;
    private readonly Accelerator? _accelerator;
    private readonly int _threads;
    private readonly long _costMatrixBudget;
    private volatile Backend _backend;
    private volatile string? _fallbackReason;
    private volatile bool _disposed;

    private Engine(EngineOptions options)
    {
        _threads = options.Threads;
        _costMatrixBudget = options.CostMatrixBudget;
        _accelerator = options.Accelerator;
        _backend = _cpu;
        if (_accelerator is null)
            return;
        AcceleratorStart start = _accelerator.Start(options);
        _device = start.Backend;
        _backend = start.Backend ?? _cpu;
        DeviceName = start.DeviceName;
        if (start.Reason is { } reason)
            FallBack(reason);
    }

    /// <summary>Why this engine runs on the CPU although a device was asked for; null while it runs where it was asked to.</summary>
    public string? FallbackReason => _fallbackReason;

    /// <summary>The device's name; null on the CPU, and after the engine fell back to it.</summary>
    public string? DeviceName { get; private set; }

    /// <summary>Creates an engine.</summary>
    /// <param name="configure">Changes the default options.</param>
    public static Engine Create(Action<EngineOptions>? configure = null)
    {
        EngineOptions options = new();
        configure?.Invoke(options);
        return new Engine(options);
    }

    /// <summary>Solves one transport problem.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="solver">How to solve it.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The answer with its status; dispose it to release the plan.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">The solver refuses the problem.</exception>
    public TransportResult<T> Solve<T>(
        TransportProblem<T> problem,
        TransportSolver solver,
        IProgress<SolveProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problem);
        return SolveBatch([problem], solver, progress, cancellationToken)[0];
    }

    /// <summary>
    /// Solves problems of any sizes, spread over the engine's threads by problem. Gives the same bits as solving them
    /// one by one.
    /// </summary>
    /// <param name="problems">The problems; those on one geometry object share it.</param>
    /// <param name="solver">How to solve each.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The answers, in the order of the problems.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">The solver refuses a problem; the message names it.</exception>
    public IReadOnlyList<TransportResult<T>> SolveBatch<T>(
        IReadOnlyList<TransportProblem<T>> problems,
        TransportSolver solver,
        IProgress<SolveProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(solver);
        foreach (TransportProblem<T> problem in problems)
            ArgumentNullException.ThrowIfNull(problem, nameof(problems));
        RequireRunning(cancellationToken);
        using ProblemTable<T> table = ProblemTable<T>.Of(problems);
        return Run(() => solver.Solve(table, Begin(problems.Count, progress, cancellationToken)));
    }

    /// <summary>
    /// The transport costs of many pairs of histograms on one geometry, without plans or potentials: what an all-pairs
    /// distance matrix is made of. Spread over the engine's threads by pair.
    /// </summary>
    /// <param name="geometry">n x n costs between bins, shared by all pairs.</param>
    /// <param name="histograms">k x n weights, one histogram a row; those of a pair need equal totals.</param>
    /// <param name="pairs">Which rows to compare.</param>
    /// <param name="solver">How to solve each.</param>
    /// <param name="costs">Receives one transport cost a pair; NaN where the solver did not converge. Must not overlap the input.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Bad histograms, lengths or indices; overlapping memory.</exception>
    public void SolveCosts<T>(
        Geometry<T> geometry,
        ReadOnlyMemory<T> histograms,
        ReadOnlySpan<(int First, int Second)> pairs,
        TransportSolver solver,
        Memory<double> costs,
        IProgress<SolveProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(solver);
        if (costs.Length != pairs.Length)
            Throw.ShapeMismatch("costs", costs.Length, pairs.Length, "one a pair");
        Validate.NoOverlap<double, T>("costs", costs.Span, "the histograms", histograms.Span);
        RequireRunning(cancellationToken);
        int count = pairs.Length;
        using ProblemTable<T> table = ProblemTable<T>.OfPairs(geometry, histograms.Span, pairs);
        _ = Run(() =>
        {
            solver.SolveCosts(table, costs, Begin(count, progress, cancellationToken));
            return true;
        });
    }

    /// <summary>
    /// The exact Wasserstein distance of order p between two clouds of equally weighted points, with Euclidean ground
    /// distance: (min sum_ij |x_i - y_j|^p P_ij)^(1/p).
    /// </summary>
    /// <param name="x">n x d coordinates.</param>
    /// <param name="y">m x d coordinates.</param>
    /// <param name="p">Order, at least 1.</param>
    /// <returns>The distance; NaN where it could not be proven, because powers of the differences leave the range of double for instance.</returns>
    /// <exception cref="ProblemException">Bad points, or p below 1.</exception>
    public double Distance<T>(Tensor<T> x, Tensor<T> y, double p = 2)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!(p >= 1) || double.IsInfinity(p))
            Throw.OutOfRange("The order p", p, "at least 1 and finite");
        using TransportResult<T> result = Solve(TransportProblem.Between(x, y, Cost.PNorm(2, p)), new Exact());
        return result.Status == SolveStatus.Converged ? result.Distance : double.NaN;
    }

    /// <summary>Ends the engine's life; calls after this throw.</summary>
    public void Dispose()
    {
        _disposed = true;
        _device?.Dispose();
        _cpu.Dispose();
    }

    /// <summary>What calls run on now.</summary>
    internal Backend Backend => _backend;

    internal Execution Begin(long problems, IProgress<SolveProgress>? progress, CancellationToken cancellationToken)
    {
        RequireRunning(cancellationToken);
        return new Execution(_backend, _threads, _costMatrixBudget, progress, cancellationToken)
        {
            Total = problems,
            Fallback = _accelerator is { FallbackOnFault: true } ? FallBack : null,
        };
    }

    /// <summary>Before anything is looked at or laid out: nobody has disposed the engine, or cancelled the call.</summary>
    private void RequireRunning(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Does a call's work; once more on the CPU if the device is lost under it and that was allowed.</summary>
    private TResult Run<TResult>(Func<TResult> work)
    {
        Backend used = _backend;
        try
        {
            return work();
        }
        catch (DeviceException fault) when (fault.IsLost && _accelerator is { FallbackOnFault: true } && used == _device)
        {
            _ = FallBack(fault);
            return work();
        }
    }

    private CpuBackend FallBack(DeviceException fault)
    {
        FallBack(fault.Message);
        return _cpu;
    }

    private void FallBack(string reason)
    {
        _backend = _cpu;
        DeviceName = null;
        if (Interlocked.CompareExchange(ref _fallbackReason, reason, null) is null)
            _accelerator?.Log?.Invoke($"OtEngine runs on the CPU: {reason}");
    }
}
