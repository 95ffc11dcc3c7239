using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::block_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SinkhornBlockArguments
{
    public SweepArguments Sweeps;
    public ulong Next;
    public ulong Points;
}

/// <summary><c>ot::block_point</c>: what is recorded of one sweep.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SinkhornBlockPoint
{
    public readonly double ErrorA;
    public readonly int Stage;
    private readonly int _unused;
}

/// <summary>The launcher of kernels/sinkhorn_block.cu: problems that fit one block's shared memory, each solved by one block.</summary>
internal static class SinkhornBlock
{
    /// <summary>What the kernel's static shared memory and the device's own share of a block take.</summary>
    private const int ReservedBytes = 2048;

    /// <summary>Points of one launch; where all problems would have more, they take turns.</summary>
    private const long MostPoints = 1 << 20;

    private const int Warps = Tuning.SweepThreads / 32;
    private static readonly KernelEntry<SinkhornBlockArguments> Entry = new("sinkhorn_block", "ot_sinkhorn_block", Tuning.SweepThreads);

    /// <summary>Whether a problem is small enough; by its shape and the device alone.</summary>
    public static bool Fits<T>(int rows, int columns, DeviceLimits limits)
        where T : unmanaged => SharedBytes<T>(rows, columns) <= limits.SharedBytesOptIn - ReservedBytes;

    /// <summary>Runs the small problems of a table that are running, each to its end or through its budget; their states are then known to the host.</summary>
    public static void Run<T>(
        SweepMemory<T> memory,
        CudaStream stream,
        SinkhornState[] hostStates,
        ReadOnlySpan<SinkhornStage> stages,
        CudaBuffer<SinkhornState> states,
        CudaBuffer<double> potentials,
        long budget,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] small = [.. Enumerable.Range(0, hostStates.Length).Where(row => memory.IsSmall(row) && hostStates[row].Phase == SinkhornPhase.Running)];
        if (small.Length == 0)
            return;
        SweepControl[] controls = new SweepControl[hostStates.Length];
        foreach (int row in small)
            controls[row] = memory.Control(row, budget);
        stream.Upload<SweepControl>(controls, memory.Controls);
        using CudaBuffer<uint> next = memory.Runtime.Allocate<uint>(1);
        SinkhornBlockArguments arguments = new() { Sweeps = memory.Arguments(default, states, potentials), Next = next.Address };
        SinkhornState[] before = [.. hostStates];
        if (execution.Histories is null)
        {
            Launch(memory, stream, small, next, arguments);
            stream.Download(states, hostStates);
            return;
        }

        int together = (int)Math.Clamp(MostPoints / budget, 1, small.Length);
        using CudaBuffer<SinkhornBlockPoint> points = memory.Runtime.Allocate<SinkhornBlockPoint>(checked(together * budget));
        arguments.Points = points.Address;
        SinkhornBlockPoint[] recorded = [];
        foreach (int[] chosen in small.Chunk(together))
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            Launch(memory, stream, chosen, next, arguments);
            stream.Download(states, hostStates);
            for (int k = 0; k < chosen.Length; k++)
            {
                int row = chosen[k];
                long first = before[row].Sweeps;
                Array.Resize(ref recorded, (int)(hostStates[row].Sweeps - first));
                stream.Download(points, recorded, k * budget);
                for (int sweep = 0; sweep < recorded.Length; sweep++)
                    execution.Record(row, first + sweep, stages[recorded[sweep].Stage].Epsilon, recorded[sweep].ErrorA);
            }
        }
    }

    private static void Launch<T>(SweepMemory<T> memory, CudaStream stream, int[] chosen, CudaBuffer<uint> next, SinkhornBlockArguments arguments)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CudaRuntime runtime = memory.Runtime;
        using Tiles tiles = memory.Table.TilesOf(stream, chosen, _ => 1);
        arguments.Sweeps.Problems = tiles.Table;
        int sharedBytes = (int)chosen.Max(row => SharedBytes<T>(memory.Table.Table.Rows[row].Rows, memory.Table.Table.Rows[row].Columns));
        int resident = Math.Max(1, Entry.Function<T>(runtime).ResidentBlocks(Tuning.SweepThreads, sharedBytes)) * runtime.Limits.Multiprocessors;
        stream.Clear(next, 0, 1);
        Entry.Launch<T>(runtime, stream, Math.Min(chosen.Length, resident), arguments, sharedBytes);
        stream.Synchronize();
    }

    /// <summary>Doubles for potentials, increments and next ones of all atoms; elements for both scalings, column sums of each warp, and E.</summary>
    private static unsafe long SharedBytes<T>(int rows, int columns)
        where T : unmanaged
    {
        long atoms = (long)rows + columns;
        long elements = atoms + ((long)Warps * columns) + ((long)rows * columns);
        return (3 * sizeof(double) * atoms) + (sizeof(T) * elements);
    }
}
