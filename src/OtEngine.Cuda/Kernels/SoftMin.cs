using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>Which atoms of a side a transform is wanted for: <c>ot::soft_min_atoms</c>.</summary>
internal enum SoftMinAtoms
{
    WithMass,
    WithoutMass,
    All,
}

/// <summary><c>ot::soft_min_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SoftMinArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Inputs;
    public ulong Outputs;
    public int Side;
    public SoftMinAtoms Atoms;
    public int Logarithms;
    public int Reserved;
}

/// <summary>The launcher of kernels/soft_min.cu.</summary>
internal static class SoftMin
{
    private const int RowsOfABlock = Tuning.SoftMinThreads / 32;
    private const int ColumnsOfABlock = 32;
    private static readonly KernelEntry<SoftMinArguments> Entry = new("soft_min", "ot_soft_min", Tuning.SoftMinThreads);

    /// <summary>The verb SoftMin: potentials of the atoms that have no mass.</summary>
    public static void OfAtomsWithoutMass<T>(
        CudaRuntime runtime, CudaTable<T> table, ReadOnlySpan<double> epsilons, CudaBuffer<double> potentials, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!table.HostShares.AsSpan().Contains(0))
            return;
        execution.Cancellation.ThrowIfCancellationRequested();
        using CudaBuffer<double> buffer = runtime.Allocate<double>(epsilons.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(epsilons, buffer);
        int[] grids = [.. Enumerable.Range(0, epsilons.Length).Where(table.IsGrid)];
        int[] others = [.. Enumerable.Range(0, epsilons.Length).Where(row => !table.IsGrid(row))];
        using GridSoftMin? transforms = grids.Length > 0 ? GridSoftMin.Of(runtime, stream, table, grids) : null;
        using SoftMinTiles? tiles = others.Length > 0 ? SoftMinTiles.Of(table, stream, others) : null;

        // Sums run over atoms with mass, so that neither side's results are the other's input.
        foreach (TransportSide side in (ReadOnlySpan<TransportSide>)[TransportSide.A, TransportSide.B])
        {
            transforms?.Queue(stream, side, buffer, potentials, potentials, SoftMinAtoms.WithoutMass);
            if (tiles is not null)
                Queue<T>(runtime, stream, tiles, side, buffer, potentials, potentials, SoftMinAtoms.WithoutMass);
        }

        stream.Synchronize();
    }

    /// <summary>Queues the transform of one side for the problems of the tiles.</summary>
    /// <param name="runtime">Kernels.</param>
    /// <param name="stream">Where.</param>
    /// <param name="tiles">Which problems.</param>
    /// <param name="side">The side of the results.</param>
    /// <param name="epsilons">One a problem of the whole table; 0 is the hard transform.</param>
    /// <param name="inputs">Potentials of the other side, by the offsets of the table.</param>
    /// <param name="outputs">Receives those of the side.</param>
    /// <param name="atoms">Which of its atoms.</param>
    /// <param name="logarithms">Whether log2 of the sums is wanted in place of potentials.</param>
    public static void Queue<T>(
        CudaRuntime runtime,
        CudaStream stream,
        SoftMinTiles tiles,
        TransportSide side,
        CudaBuffer<double> epsilons,
        CudaBuffer<double> inputs,
        CudaBuffer<double> outputs,
        SoftMinAtoms atoms,
        bool logarithms = false)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tiles own = side == TransportSide.A ? tiles.OfSideA : tiles.OfSideB;
        SoftMinArguments arguments = new()
        {
            Problems = own.Table,
            Epsilons = epsilons.Address,
            Inputs = inputs.Address,
            Outputs = outputs.Address,
            Side = side == TransportSide.A ? 0 : 1,
            Atoms = atoms,
            Logarithms = logarithms ? 1 : 0,
        };
        Entry.Launch<T>(runtime, stream, own.Total, arguments);
    }

    public static long BlocksOf(in ProblemRow row, TransportSide side) =>
        side == TransportSide.A ? Tiles.Of(row.Rows, RowsOfABlock) : Tiles.Of(row.Columns, ColumnsOfABlock);
}

/// <summary>Blocks of transforms of either side, for some problems of a table; none chosen are all.</summary>
internal sealed class SoftMinTiles : IDisposable
{
    private SoftMinTiles(Tiles sideA, Tiles sideB)
    {
        OfSideA = sideA;
        OfSideB = sideB;
    }

    public Tiles OfSideA { get; }

    public Tiles OfSideB { get; }

    public static SoftMinTiles Of<T>(CudaTable<T> table, CudaStream stream, ReadOnlySpan<int> chosen)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tiles sideA = OfSide(chosen, TransportSide.A);
        try
        {
            return new SoftMinTiles(sideA, OfSide(chosen, TransportSide.B));
        }
        catch
        {
            sideA.Dispose();
            throw;
        }

        Tiles OfSide(ReadOnlySpan<int> rows, TransportSide side) =>
            rows.IsEmpty ? table.TilesOf(stream, row => SoftMin.BlocksOf(row, side)) : table.TilesOf(stream, rows, row => SoftMin.BlocksOf(row, side));
    }

    public void Dispose()
    {
        OfSideA.Dispose();
        OfSideB.Dispose();
    }
}
