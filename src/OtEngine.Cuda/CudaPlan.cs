using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda;

/// <summary>The plan of one problem: PlanApply and PlanWrite, entries computed where they are needed; vectors go along the axes of a large grid.</summary>
internal sealed class CudaPlan<T> : LoadedPlan
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly CudaRuntime _runtime;
    private readonly CudaTable<T> _table;
    private readonly int _row;
    private readonly CudaBuffer<double> _epsilons;
    private readonly CudaBuffer<double> _potentials;
    private readonly GridPlan<T>? _alongAxes;

    public CudaPlan(CudaRuntime runtime, CudaTable<T> table, int row, double epsilon, CudaBuffer<double> potentials)
    {
        _runtime = runtime;
        _table = table;
        _row = row;
        _epsilons = runtime.Allocate<double>(table.Table.Rows.Length);
        try
        {
            _potentials = runtime.Allocate<double>(potentials.Length);
            using StreamLease lease = runtime.Rent();
            double[] epsilons = new double[table.Table.Rows.Length];
            epsilons[row] = epsilon;
            lease.Stream.Upload<double>(epsilons, _epsilons);
            lease.Stream.Copy(potentials, 0, _potentials, 0, potentials.Length);
            lease.Stream.Synchronize();
            _alongAxes = table.GoesAlongAxes(row) ? LoadAlongAxes(epsilon) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private ProblemRow Problem => _table.Table.Rows[_row];

    public override void Apply(bool transposed, ReadOnlySpan<double> values, int width, Span<double> destination, Execution execution)
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        if (_alongAxes is not null)
        {
            _alongAxes.Apply(transposed, values, width, destination, execution);
            return;
        }

        TransportSide side = transposed ? TransportSide.B : TransportSide.A;
        (long from, long to) = transposed ? (Problem.PotentialsA, Problem.PotentialsB) : (Problem.PotentialsB, Problem.PotentialsA);
        long count = _table.Table.PotentialCount * width;
        using CudaBuffer<double> input = _runtime.Allocate<double>(count);
        using CudaBuffer<double> output = _runtime.Allocate<double>(count);
        using StreamLease lease = _runtime.Rent();
        lease.Stream.Upload(values, input, from * width);
        using Tiles tiles = _table.TilesOf(lease.Stream, [_row], row => PlanApply.BlocksOf(row, side));
        PlanApply.Queue<T>(_runtime, lease.Stream, tiles, side, _epsilons, _potentials, input, output, width);
        lease.Stream.Download(output, destination, to * width);
    }

    public override void Write(int first, int count, Span<double> destination, Execution execution)
    {
        if (count == 0)
            return;
        execution.Cancellation.ThrowIfCancellationRequested();
        using CudaBuffer<double> entries = _runtime.Allocate<double>(destination.Length);
        using StreamLease lease = _runtime.Rent();
        using Tiles tiles = _table.TilesOf(lease.Stream, [_row], row => PlanWrite.BlocksOf(row, count));
        PlanWrite.Queue<T>(_runtime, lease.Stream, tiles, _epsilons, _potentials, entries, first, count);
        lease.Stream.Download(entries, destination);
    }

    public override void Dispose()
    {
        _alongAxes?.Dispose();
        _epsilons.Dispose();
        _potentials?.Dispose();
    }

    private GridPlan<T> LoadAlongAxes(double epsilon)
    {
        double[] f = new double[Problem.Rows];
        double[] g = new double[Problem.Columns];
        _potentials.CopyTo(f, Problem.PotentialsA);
        _potentials.CopyTo(g, Problem.PotentialsB);
        GridProblem<T> problem = new(new CudaGridTransform<T>(_runtime, _table, _row, _epsilons));
        try
        {
            problem.Take(_table.Table, _row, epsilon, f, g, threads: 1);
            return new GridPlan<T>(problem, (GridGeometry<T>)_table.Table.Geometries[Problem.Geometry]);
        }
        catch
        {
            problem.Dispose();
            throw;
        }
    }
}
