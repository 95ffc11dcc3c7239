using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu;
using OtEngine.Cuda.Runtime;
using GridSoftMin = OtEngine.Cuda.Kernels.GridSoftMin;

namespace OtEngine.Cuda;

/// <summary>
/// The transforms of one problem on a grid by kernels/grid_soft_min.cu, for the verbs of the CPU that are made of them
/// (<see cref="GridPlanReduce"/>, <see cref="GridPlan{T}"/>): n + m numbers go to the device and come back, no pair is looked at.
/// </summary>
/// <remarks>In bounds: as on the CPU, vectors hold their cells rounded up; only the cells are read and written.</remarks>
internal sealed unsafe class CudaGridTransform<T> : GridTransform
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly CudaRuntime _runtime;
    private readonly GridSoftMin _transforms;
    private readonly CudaBuffer<double> _epsilons;
    private readonly int _rows;
    private readonly int _columns;
    private readonly double[] _leastCosts;
    private readonly long[] _cellsAfter;

    /// <param name="runtime">Memory, kernels and streams.</param>
    /// <param name="table">The table.</param>
    /// <param name="row">Which of its problems; on a grid.</param>
    /// <param name="epsilons">One a problem of the table; outlives this.</param>
    public CudaGridTransform(CudaRuntime runtime, CudaTable<T> table, int row, CudaBuffer<double> epsilons)
    {
        _runtime = runtime;
        _epsilons = epsilons;
        ProblemRow problem = table.Table.Rows[row];
        (_rows, _columns) = (problem.Rows, problem.Columns);
        GridGeometry<T> grid = (GridGeometry<T>)table.Table.Geometries[problem.Geometry];
        int[] order = Order([.. grid.ShapeB], [.. grid.ShapeA]);
        _leastCosts = Array.ConvertAll(order, axis => TensorPrimitives.Min<double>(grid.AxisCosts[axis]));
        _cellsAfter = new long[order.Length];
        long cells = _columns;
        for (int step = 0; step < order.Length; step++)
        {
            cells = cells / grid.ShapeB[order[step]] * grid.ShapeA[order[step]];
            _cellsAfter[step] = cells;
        }

        using StreamLease lease = runtime.Rent();
        _transforms = GridSoftMin.Of(runtime, lease.Stream, table, [row], GridSoftMin.ArraysWithCosts);
        lease.Stream.Synchronize();
    }

    public override void Soft(bool toA, double* values, double* results, CancellationToken cancellation) =>
        Run(toA, _epsilons, values, results, cancellation);

    public override void Hard(bool toA, double* values, double* results, CancellationToken cancellation) =>
        Run(toA, null, values, results, cancellation);

    public override void WithCosts(double* values, double* sums, double* costs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using StreamLease lease = _runtime.Rent();
        _transforms.RunWithCosts(
            lease.Stream, _epsilons, _leastCosts, _cellsAfter, new ReadOnlySpan<double>(values, _columns), new Span<double>(sums, _rows), new Span<double>(costs, _rows));
    }

    public override void Dispose()
    {
        _transforms.Dispose();
        base.Dispose();
    }

    private void Run(bool toA, CudaBuffer<double>? epsilons, double* values, double* results, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        (int from, int to) = toA ? (_columns, _rows) : (_rows, _columns);
        using StreamLease lease = _runtime.Rent();
        _transforms.Run(
            lease.Stream, toA ? TransportSide.A : TransportSide.B, epsilons, new ReadOnlySpan<double>(values, from), new Span<double>(results, to));
    }
}
