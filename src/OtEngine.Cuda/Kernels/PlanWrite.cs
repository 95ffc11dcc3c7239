using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::plan_write_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanWriteArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Potentials;
    public ulong Entries;
    public long First;
    public long Count;
}

/// <summary>The launcher of kernels/plan_write.cu.</summary>
internal static class PlanWrite
{
    private static readonly KernelEntry<PlanWriteArguments> Entry = new("plan_write", "ot_plan_write", Tuning.PlanThreads);

    /// <summary>Blocks that so many rows of a problem take.</summary>
    public static long BlocksOf(ProblemRow row, int count) => Tiles.Of(count, Tuning.PlanWriteRows) * Tiles.Of(row.Columns, Tuning.PlanThreads);

    /// <summary>Queues rows from the first on, row-major.</summary>
    public static void Queue<T>(
        CudaRuntime runtime, CudaStream stream, Tiles tiles, CudaBuffer<double> epsilons, CudaBuffer<double> potentials, CudaBuffer<double> entries, int first, int count)
        where T : unmanaged
    {
        PlanWriteArguments arguments = new()
        {
            Problems = tiles.Table,
            Epsilons = epsilons.Address,
            Potentials = potentials.Address,
            Entries = entries.Address,
            First = first,
            Count = count,
        };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
    }
}
