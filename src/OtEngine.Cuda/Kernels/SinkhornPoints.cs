using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// The sums of a sweep whose exponents are not stored: squared distances of points from centred and scaled coordinates, by direct
/// differences or inner products, any other cost pair by pair in double. What follows them is <see cref="SinkhornSweep"/>'s.
/// </summary>
internal static class SinkhornPoints
{
    private const string Family = "sinkhorn_points";
    private static readonly KernelEntry<SweepArguments> Rows = new(Family, "ot_sinkhorn_points_rows", Tuning.SweepThreads);
    private static readonly KernelEntry<SweepArguments> Columns = new(Family, "ot_sinkhorn_points_columns", Tuning.SweepThreads);
    private static readonly KernelEntry<PointsArguments> Centre = new(Family, "ot_sinkhorn_points_centre", Tuning.PointsThreads);
    private static readonly KernelEntry<PointsArguments> Take = new(Family, "ot_sinkhorn_points_take", Tuning.PointsThreads);
    private static readonly KernelEntry<PointsArguments> Sums = new(Family, "ot_sinkhorn_points_sums", Tuning.PointsThreads);
    private static readonly KernelEntry<PointsArguments> Update = new(Family, "ot_sinkhorn_points_update", Tuning.PointsThreads);

    private static readonly KernelEntry<PointsArguments> ProductsTake = new("sinkhorn_products", "ot_sinkhorn_products_take", Tuning.PointsThreads, isTyped: false);
    private static readonly KernelEntry<PointsArguments> ProductsSums = new("sinkhorn_products", "ot_sinkhorn_products_sums", Tuning.PointsThreads, isTyped: false);

    /// <summary>Loads what <see cref="Queue"/> launches, which is no work of a stream.</summary>
    public static void Load<T>(SweepMemory<T> memory, PointsTiles? tiles)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CudaRuntime runtime = memory.Runtime;
        foreach (KernelEntry<SweepArguments> entry in (ReadOnlySpan<KernelEntry<SweepArguments>>)[Rows, Columns])
            _ = entry.Function<T>(runtime);
        foreach (KernelEntry<PointsArguments> entry in (ReadOnlySpan<KernelEntry<PointsArguments>>)[Take, Sums, Update])
            _ = entry.Function<T>(runtime);
        if (tiles is not { ProductsTake.Total: > 0 })
            return;
        _ = ProductsTake.Function<T>(runtime);
        _ = ProductsSums.Function<T>(runtime);
    }

    /// <summary>Queues what a call needs once.</summary>
    public static void Begin<T>(SweepMemory<T> memory, CudaStream stream, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials)
        where T : unmanaged, IFloatingPointIeee754<T> => Launch(Centre, memory, stream, memory.Points.CentreTiles, states, potentials);

    /// <summary>Queues the sums of one sweep of a wave: new increments of side a, and the column sums by parts.</summary>
    public static void Queue<T>(SweepMemory<T> memory, PointsTiles tiles, CudaStream stream, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Rows.Launch<T>(memory.Runtime, stream, tiles.Rows.Total, memory.Arguments(tiles.Rows.Table, states, potentials));
        Columns.Launch<T>(memory.Runtime, stream, tiles.Columns.Total, memory.Arguments(tiles.Columns.Table, states, potentials));
        Launch(Take, memory, stream, tiles.Take, states, potentials);
        Launch(ProductsTake, memory, stream, tiles.ProductsTake, states, potentials);
        Launch(Sums, memory, stream, tiles.SumsA, states, potentials);
        Launch(ProductsSums, memory, stream, tiles.ProductsA, states, potentials);
        Launch(Update, memory, stream, tiles.Update, states, potentials);
        Launch(Sums, memory, stream, tiles.SumsB, states, potentials, TransportSide.B);
        Launch(ProductsSums, memory, stream, tiles.ProductsB, states, potentials, TransportSide.B);
    }

    private static void Launch<T>(
        KernelEntry<PointsArguments> entry,
        SweepMemory<T> memory,
        CudaStream stream,
        Tiles tiles,
        CudaBuffer<SinkhornState> states,
        CudaBuffer<double> potentials,
        TransportSide side = TransportSide.A)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (tiles.Total > 0)
            entry.Launch<T>(memory.Runtime, stream, tiles.Total, memory.Points.Arguments(memory.Arguments(tiles.Table, states, potentials), side));
    }
}
