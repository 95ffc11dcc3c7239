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
}

/// <summary>The launcher of kernels/sinkhorn_block.cu: problems that fit one block's shared memory, each solved by one block.</summary>
internal static class SinkhornBlock
{
    /// <summary>What the kernel's static shared memory and the device's own share of a block take.</summary>
    private const int ReservedBytes = 2048;

    private const int Warps = Tuning.SweepThreads / 32;
    private static readonly KernelEntry<SinkhornBlockArguments> Entry = new("sinkhorn_block", "ot_sinkhorn_block", Tuning.SweepThreads);

    /// <summary>Whether a problem is small enough; by its shape and the device alone.</summary>
    public static bool Fits<T>(in ProblemRow problem, DeviceLimits limits)
        where T : unmanaged => SharedBytes<T>(problem) <= limits.SharedBytesOptIn - ReservedBytes;

    /// <summary>Runs the small problems of a table that are running, each to its end or through its budget.</summary>
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
        CudaRuntime runtime = memory.Runtime;
        int[] small = [.. Enumerable.Range(0, hostStates.Length).Where(row => memory.IsSmall(row) && hostStates[row].Phase == SinkhornPhase.Running)];
        if (small.Length == 0)
            return;

        // Whoever records wants to see every sweep.
        long sweeps = execution.Histories is null ? budget : 1;
        SweepControl[] controls = new SweepControl[hostStates.Length];
        foreach (int row in small)
            controls[row] = memory.Control(row, sweeps);
        stream.Upload<SweepControl>(controls, memory.Controls);
        using CudaBuffer<uint> next = runtime.Allocate<uint>(1);
        using Tiles tiles = memory.Table.TilesOf(stream, small, _ => 1);
        int sharedBytes = (int)small.Max(row => SharedBytes<T>(memory.Table.Table.Rows[row]));
        CudaFunction function = Entry.Function<T>(runtime);
        int resident = Math.Max(1, function.ResidentBlocks(Tuning.SweepThreads, sharedBytes)) * runtime.Limits.Multiprocessors;
        SinkhornBlockArguments arguments = new() { Sweeps = memory.Arguments(tiles.Table, states, potentials), Next = next.Address };
        SinkhornState[] now = [.. hostStates];
        for (long done = 0; done < budget && Array.Exists(small, row => now[row].Phase == SinkhornPhase.Running); done += sweeps)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            stream.Clear(next, 0, 1);
            Entry.Launch<T>(runtime, stream, Math.Min(small.Length, resident), arguments, sharedBytes);
            if (execution.Histories is not null)
                SinkhornSweep.Record(stream, states, now, stages, execution);
            stream.Synchronize();
        }
    }

    /// <summary>Doubles for potentials, increments and next ones of all atoms; elements for both scalings, column sums of each warp, and E.</summary>
    private static unsafe long SharedBytes<T>(in ProblemRow problem)
        where T : unmanaged
    {
        long atoms = (long)problem.Rows + problem.Columns;
        long elements = atoms + ((long)Warps * problem.Columns) + ((long)problem.Rows * problem.Columns);
        return (3 * sizeof(double) * atoms) + (sizeof(T) * elements);
    }
}
