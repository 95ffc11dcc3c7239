using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::resident_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SinkhornResidentArguments
{
    public SweepArguments Sweeps;
    public ulong Barrier;
    public long MostSweeps;
    public int Row;
    public int Unused;
}

/// <summary>
/// The launcher of kernels/sinkhorn_resident.cu: how one problem's exponents are kept in the shared memory of all multiprocessors. The bits are
/// those of <see cref="SinkhornSweep"/>'s graphs, so that the choice may depend on the device and on what else is swept.
/// </summary>
internal sealed class SinkhornResident
{
    /// <summary>What the kernel's static shared memory and the device's own share of a block take.</summary>
    private const int ReservedBytes = 2048;

    private static readonly KernelEntry<SinkhornResidentArguments> Entry = new("sinkhorn_resident", "ot_sinkhorn_resident", Tuning.SweepThreads);
    private readonly int _row;
    private readonly long _blocks;
    private readonly int _sharedBytes;

    private SinkhornResident(int row, long blocks, int sharedBytes) => (_row, _blocks, _sharedBytes) = (row, blocks, sharedBytes);

    /// <summary>How the exponents of a row of a table are kept; null if they are not stored, do not fit, or the engine is told not to.</summary>
    public static SinkhornResident? Of<T>(SweepMemory<T> memory, int row)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        memory.LayoutOf(row).Kernel < 0 ? null : Of<T>(memory.Runtime, row, memory.LayoutOf(row), memory.Table.Table.Rows[row].Columns);

    /// <summary>Whether stored exponents of a problem that is swept alone stay on chip.</summary>
    public static bool Fits<T>(CudaRuntime runtime, int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T> => Of<T>(runtime, 0, SweepMemory<T>.Layout(rows, columns), columns) is not null;

    /// <summary>With the fewest parts a block for which all blocks are resident.</summary>
    private static unsafe SinkhornResident? Of<T>(CudaRuntime runtime, int row, SweepLayout layout, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!runtime.Options.SweepsOnChip || !runtime.Limits.CooperativeLaunch)
            return null;
        long partBytes = (long)layout.PartRows * columns * sizeof(T);
        for (long parts = 1; parts * partBytes <= runtime.Limits.SharedBytesOptIn - ReservedBytes && parts <= layout.Parts; parts++)
        {
            long blocks = Tiles.Of(layout.Parts, (int)parts);
            int sharedBytes = (int)(parts * partBytes);

            // Blocks that fit by their shared memory alone, before the driver is asked.
            long most = (long)runtime.Limits.Multiprocessors * (runtime.Limits.SharedBytesMultiprocessor / sharedBytes);
            if (blocks <= most && blocks <= (long)runtime.Limits.Multiprocessors * Entry.Function<T>(runtime).ResidentBlocks(Tuning.SweepThreads, sharedBytes))
                return new SinkhornResident(row, blocks, sharedBytes);
        }

        return null;
    }

    /// <summary>Queues sweeps until the problem ends, a guard asks for shifted sums, or there were <see cref="Tuning.SweepsResident"/>.</summary>
    public void Queue<T>(SweepMemory<T> memory, SweepWave<T> wave, CudaStream stream, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        SinkhornResidentArguments arguments = new()
        {
            Sweeps = memory.Arguments(wave.ProblemTiles.Table, states, potentials),
            Barrier = wave.Barrier!.Address,
            MostSweeps = Tuning.SweepsResident,
            Row = _row,
        };
        stream.Clear(wave.Barrier, 0, 1);
        Entry.Launch<T>(memory.Runtime, stream, _blocks, arguments, _sharedBytes, cooperative: true);
    }
}
