using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::plan_apply_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanApplyArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Potentials;
    public ulong Values;
    public ulong Results;
    public int Side;
    public int Width;
}

/// <summary>The launcher of kernels/plan_apply.cu.</summary>
internal static class PlanApply
{
    private const int RowsOfABlock = Tuning.PlanThreads / 32;
    private const int ColumnsOfABlock = 32;
    private static readonly KernelEntry<PlanApplyArguments> Entry = new("plan_apply", "ot_plan_apply", Tuning.PlanThreads);

    /// <summary>Queues P V (results of side a) or P^T V (side b) for the problems of the tiles.</summary>
    public static void Queue<T>(
        CudaRuntime runtime,
        CudaStream stream,
        Tiles tiles,
        TransportSide side,
        CudaBuffer<double> epsilons,
        CudaBuffer<double> potentials,
        CudaBuffer<double> values,
        CudaBuffer<double> results,
        int width = 1)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PlanApplyArguments arguments = new()
        {
            Problems = tiles.Table,
            Epsilons = epsilons.Address,
            Potentials = potentials.Address,
            Values = values.Address,
            Results = results.Address,
            Side = side == TransportSide.A ? 0 : 1,
            Width = width,
        };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
    }

    public static long BlocksOf(in ProblemRow row, TransportSide side) =>
        side == TransportSide.A ? Tiles.Of(row.Rows, RowsOfABlock) : Tiles.Of(row.Columns, ColumnsOfABlock);
}
