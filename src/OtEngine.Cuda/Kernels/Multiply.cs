using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Cublas;
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

/// <summary>Products of matrices: by cuBLAS where the engine has it, or a whole batch in one launch of kernels/multiply.cu.</summary>
internal static class Multiply
{
    /// <summary>Rows and columns of a tile of C in bytes: two by sixteen loads of sixteen bytes.</summary>
    private const int TileBytes = 512;

    private static readonly KernelEntry<MultiplyArguments> Entry = new("multiply", "ot_multiply", Tuning.MultiplyThreads);

    public static void Run<T>(
        CudaRuntime runtime, ReadOnlySpan<MatrixProduct> products, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        foreach (MatrixProduct product in products)
            product.RequireWithin(a.Length, b.Length, c.Length);
        if (runtime.Cublas is { } cublas)
            RunCublas(runtime, cublas, products, a, b, c, execution);
        else
            RunOwn(runtime, products, a, b, c);
    }

    /// <summary>
    /// By cuBLAS, in as few calls as the places of the matrices allow. Where nothing is multiplied cuBLAS would not look at the operands, among which
    /// may be infinities; such products keep to the kernel.
    /// </summary>
    private static void RunCublas<T>(
        CudaRuntime runtime, CublasRuntime cublas, ReadOnlySpan<MatrixProduct> products, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        List<MatrixProduct> served = [], rest = [];
        foreach (MatrixProduct product in products)
        {
            if (product.Rows > 0 && product.Columns > 0)
                (product.Inner > 0 && !T.IsZero(T.CreateTruncating(product.Alpha)) ? served : rest).Add(product);
        }

        RunOwn(runtime, [.. rest], a, b, c);
        if (served.Count == 0)
            return;
        using CudaBuffer<byte> workspace = runtime.Allocate<byte>(cublas.WorkspaceBytes);
        using StreamLease lease = runtime.Rent();
        foreach (CublasProduct product in CublasProduct.Of(served))
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            cublas.Multiply(lease.Stream, workspace, product, a, b, c);
        }

        lease.Stream.Synchronize();
    }

    private static unsafe void RunOwn<T>(CudaRuntime runtime, ReadOnlySpan<MatrixProduct> products, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int side = TileBytes / sizeof(T);
        long[] totals = new long[products.Length + 1];
        for (int k = 0; k < products.Length; k++)
            totals[k + 1] = totals[k] + (Tiles.Of(products[k].Rows, side) * Tiles.Of(products[k].Columns, side));

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
