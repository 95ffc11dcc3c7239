using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Handles;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Cublas;

/// <summary>
/// cuBLAS of one engine: one handle, made when it is first used, at which threads take turns. Every call sets its stream and a workspace of the
/// caller's, so that work in several streams shares nothing: with a workspace of its own a product has the same bits in every run, and can be
/// captured into a graph.
/// </summary>
internal sealed unsafe class CublasRuntime(CudaContext context, CublasLibrary library, int capability) : IDisposable
{
    private readonly Lock _gate = new();
    private CublasHandle? _handle;

    public CublasLibrary Library => library;

    /// <summary>Bytes of a workspace as NVIDIA recommends them: 32 MiB from Hopper on, else 4 MiB.</summary>
    public long WorkspaceBytes { get; } = (capability >= 90 ? 32L : 4L) << 20;

    /// <summary>Makes the handle, which cannot be made while a stream is captured.</summary>
    public void Prepare()
    {
        lock (_gate)
        {
            if (_handle is not null)
                return;
            using CudaContext.Scope scope = context.Enter();
            nint handle = 0;
            Check(library.Functions.cublasCreate_v2(&handle), "cublasCreate_v2");
            CublasHandle made = new(context, library, handle);
            try
            {
                // Products in the elements' own precision: no TF32, nothing narrower.
                const int Pedantic = 2;
                Check(library.Functions.cublasSetMathMode(handle, Pedantic), "cublasSetMathMode");
            }
            catch
            {
                made.Dispose();
                throw;
            }

            _handle = made;
        }
    }

    /// <summary>Queues products. A workspace serves one stream at a time.</summary>
    /// <remarks>In bounds: the caller has checked that every matrix lies within its buffer.</remarks>
    public void Multiply<T>(CudaStream stream, CudaBuffer<byte> workspace, in CublasProduct product, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Prepare();
        lock (_gate)
        {
            using CudaContext.Scope scope = stream.Queue();
            nint handle = _handle!.Value;
            Check(library.Functions.cublasSetStream_v2(handle, stream.Handle), "cublasSetStream_v2");

            // Only now: a stream that is set takes the workspace away.
            Check(library.Functions.cublasSetWorkspace_v2(handle, workspace.Address, (nuint)workspace.Length), "cublasSetWorkspace_v2");
            MatrixProduct first = product.First;
            T alpha = T.CreateTruncating(first.Alpha);
            T beta = T.CreateTruncating(first.Beta);
            ulong addressA = a.AddressAt(first.A), addressB = b.AddressAt(first.B), addressC = c.AddressAt(first.C);
            int transposeA = first.TransposedA != 0 ? 1 : 0, transposeB = first.TransposedB != 0 ? 1 : 0;
            int leadA = transposeA != 0 ? first.Rows : first.Inner, leadB = transposeB != 0 ? first.Inner : first.Columns;

            // Rows here are columns there: the transpose of C is that of op(B) times that of op(A).
            if (typeof(T) == typeof(float))
            {
                Check(
                    library.Functions.cublasSgemmStridedBatched(
                        handle, transposeB, transposeA, first.Columns, first.Rows, first.Inner, (float*)&alpha, addressB, leadB, product.StrideB,
                        addressA, leadA, product.StrideA, (float*)&beta, addressC, first.Columns, product.StrideC, product.Count),
                    "cublasSgemmStridedBatched");
            }
            else
            {
                Check(
                    library.Functions.cublasDgemmStridedBatched(
                        handle, transposeB, transposeA, first.Columns, first.Rows, first.Inner, (double*)&alpha, addressB, leadB, product.StrideB,
                        addressA, leadA, product.StrideA, (double*)&beta, addressC, first.Columns, product.StrideC, product.Count),
                    "cublasDgemmStridedBatched");
            }
        }
    }

    public void Dispose() => _handle?.Dispose();

    /// <summary>Throws the typed exception of a status. cuBLAS does not say whether the device is lost, so the driver is asked. The context is current.</summary>
    private void Check(CublasStatus status, string call)
    {
        if (status == CublasStatus.Success)
            return;
        _ = context.Succeeded(context.Driver.Context.cuCtxSynchronize(), "cuCtxSynchronize");
        throw CublasException.Of(status, call, context.IsLost, library.Path);
    }
}
