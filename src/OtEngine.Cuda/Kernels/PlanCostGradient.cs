using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::plan_cost_gradient_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanCostGradientArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Potentials;
    public ulong Lengths;
    public ulong Offsets;
    public ulong Gradients;
    public int Side;
    public int Reserved;
}

/// <summary>The launcher of kernels/plan_cost_gradient.cu.</summary>
internal static class PlanCostGradient
{
    private const int AtomsOfABlock = Tuning.PlanThreads / 32;
    private static readonly KernelEntry<PlanCostGradientArguments> Entry = new("plan_cost_gradient", "ot_plan_cost_gradient", Tuning.PlanThreads);

    public static void Run<T>(
        CudaRuntime runtime,
        CudaTable<T> table,
        ReadOnlySpan<double> epsilons,
        CudaBuffer<double> potentials,
        TransportSide side,
        CudaBuffer<double> gradients,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long[] starts = table.Table.CoordinateOffsets(side);
        execution.Cancellation.ThrowIfCancellationRequested();
        using CudaBuffer<double> regularisations = runtime.Allocate<double>(epsilons.Length);
        using CudaBuffer<long> offsets = runtime.Allocate<long>(starts.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(epsilons, regularisations);
        stream.Upload<long>(starts, offsets);
        using CudaBuffer<double>? lengths = Lengths(runtime, stream, table.Table, side);
        using Tiles tiles = table.TilesOf(stream, row => Tiles.Of(side == TransportSide.A ? row.Rows : row.Columns, AtomsOfABlock));
        PlanCostGradientArguments arguments = new()
        {
            Problems = tiles.Table,
            Epsilons = regularisations.Address,
            Potentials = potentials.Address,
            Lengths = lengths?.Address ?? 0,
            Offsets = offsets.Address,
            Gradients = gradients.Address,
            Side = side == TransportSide.A ? 0 : 1,
        };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
        stream.Synchronize();
    }

    /// <summary>Lengths of the points under the cosine cost, of which the table holds directions alone; null if there are none.</summary>
    private static CudaBuffer<double>? Lengths<T>(CudaRuntime runtime, CudaStream stream, ProblemTable<T> table, TransportSide side)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[]? lengths = null;
        foreach (ProblemRow row in table.Rows)
        {
            PointCloudGeometry<T> points = (PointCloudGeometry<T>)table.Geometries[row.Geometry];
            if (points.Cost.Kind != CostKind.Cosine)
                continue;
            lengths ??= new double[table.PotentialCount];
            (T[] coordinates, long first) = side == TransportSide.A ? (points.X, row.PotentialsA) : (points.Y, row.PotentialsB);
            for (int i = 0; i < coordinates.Length / points.Dimension; i++)
                lengths[first + i] = PointCoordinates.Length<T>(coordinates.AsSpan(i * points.Dimension, points.Dimension));
        }

        if (lengths is null)
            return null;
        CudaBuffer<double> buffer = runtime.Allocate<double>(lengths.Length);
        try
        {
            stream.Upload<double>(lengths, buffer);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
