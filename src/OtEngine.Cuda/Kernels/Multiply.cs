using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::multiply_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiplyArguments
{
    public ulong Products;
    public ulong Tiles;
    public ulong A;
    public ulong B;
    public ulong C;
    public long Count;
}

/// <summary>The launcher of kernels/multiply.cu: a whole batch in one launch.</summary>
internal static class Multiply
{
    /// <summary>Rows and columns of a tile of C in bytes: two by sixteen loads of sixteen bytes.</summary>
    private const int TileBytes = 512;

    private static readonly KernelEntry<MultiplyArguments> Entry = new("multiply", "ot_multiply", Tuning.MultiplyThreads);

    public static unsafe void Run<T>(
        CudaRuntime runtime, ReadOnlySpan<MatrixProduct> products, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        int side = TileBytes / sizeof(T);
        long[] totals = new long[products.Length + 1];
        for (int k = 0; k < products.Length; k++)
        {
            products[k].RequireWithin(a.Length, b.Length, c.Length);
            totals[k + 1] = totals[k] + (Tiles.Of(products[k].Rows, side) * Tiles.Of(products[k].Columns, side));
        }

        if (totals[^1] == 0)
            return;
        using CudaBuffer<MatrixProduct> batch = runtime.Allocate<MatrixProduct>(products.Length);
        using CudaBuffer<long> tiles = runtime.Allocate<long>(totals.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(products, batch);
        stream.Upload<long>(totals, tiles);
        MultiplyArguments arguments = new()
        {
            Products = batch.Address,
            Tiles = tiles.Address,
            A = a.Address,
            B = b.Address,
            C = c.Address,
            Count = products.Length,
        };
        Entry.Launch<T>(runtime, stream, totals[^1], arguments);
        stream.Synchronize();
    }
}
