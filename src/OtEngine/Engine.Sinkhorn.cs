using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>
    /// Solves one entropic problem into memory of the caller; see <see cref="Sinkhorn"/>. For services that solve small problems all day:
    /// once the workspace has seen the geometry and the options, a call on at most 2^14 costs allocates nothing
    /// (but for what only hard problems reach: a Newton finish, sums shifted by their maxima). Larger ones allocate a few hundred bytes.
    /// </summary>
    /// <param name="geometry">The costs, n x m.</param>
    /// <param name="a">n weights, at least zero, not all zero.</param>
    /// <param name="b">m weights of the same total.</param>
    /// <param name="solver">How to solve; reuse the object.</param>
    /// <param name="workspace">Memory to work in, reused from call to call.</param>
    /// <param name="f">Receives n potentials, in cost units; must not overlap the input.</param>
    /// <param name="g">Receives m potentials.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The numbers of the answer; there is no plan and no bracket.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Wrong lengths, overlap, or weights that are negative, not finite, all zero or of unequal totals.</exception>
    public SinkhornSummary Solve<T>(
        Geometry<T> geometry,
        ReadOnlySpan<T> a,
        ReadOnlySpan<T> b,
        Sinkhorn solver,
        SinkhornWorkspace<T> workspace,
        Span<double> f,
        Span<double> g,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(workspace);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        double totalA = Validate.Weights("a", a, geometry.Rows, "one weight a row of the geometry");
        double totalB = Validate.Weights("b", b, geometry.Columns, "one weight a column of the geometry");
        Validate.EqualTotals<T>(totalA, totalB);
        if (f.Length != geometry.Rows)
            Throw.ShapeMismatch("f", f.Length, geometry.Rows, "one value a row of the geometry");
        if (g.Length != geometry.Columns)
            Throw.ShapeMismatch("g", g.Length, geometry.Columns, "one value a column of the geometry");
        Validate.NoOverlap<double, double>("f", f, "g", g);
        Validate.NoOverlap<double, T>("f", f, "a", a);
        Validate.NoOverlap<double, T>("f", f, "b", b);
        Validate.NoOverlap<double, T>("g", g, "a", a);
        Validate.NoOverlap<double, T>("g", g, "b", b);
        Backend used = _backend;
        try
        {
            return workspace.Solve(this, geometry, a, b, solver, f, g, cancellationToken);
        }
        catch (DeviceException fault) when (fault.IsLost && _accelerator is { FallbackOnFault: true } && used == _device)
        {
            FallBack(fault.Message);
            return workspace.Solve(this, geometry, a, b, solver, f, g, cancellationToken);
        }
    }

    internal bool Owns(Execution? execution) => execution is not null && ReferenceEquals(execution.Backend, _backend);
}
