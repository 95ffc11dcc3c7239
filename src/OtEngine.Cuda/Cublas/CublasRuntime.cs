using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Handles;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Cublas;

/// <summary>
/// cuBLAS of one engine: one handle, the caller's or made when it is first used, at which threads take turns. Every call sets its stream and a workspace of the
/// caller's, so that work in several streams shares nothing: with a workspace of its own a product has the same bits in every run, and can be
/// captured into a graph.
/// </summary>
internal sealed unsafe class CublasRuntime : IDisposable
{
    /// <summary>Products in the elements' own precision: no TF32, nothing narrower.</summary>
    private const int Pedantic = 2;

    /// <summary>Factors are read from the host's memory.</summary>
    private const int HostPointers = 0;

    private readonly Lock _gate = new();
    private readonly CudaContext _context;
    private readonly nint _external;
    private CublasHandle? _handle;

    /// <summary>Of an engine.</summary>
    /// <param name="context">Its context.</param>
    /// <param name="library">The library.</param>
    /// <param name="capability">The device's compute capability, 90 for 9.0.</param>
    /// <param name="external">A handle of the caller's; 0 makes one.</param>
    /// <exception cref="CublasException">The library does not know that handle.</exception>
    public CublasRuntime(CudaContext context, CublasLibrary library, int capability, nint external = 0)
    {
        _context = context;
        _external = external;
        Library = library;
        WorkspaceBytes = (capability >= 90 ? 32L : 4L) << 20;
        if (external == 0)
            return;
        using CudaContext.Scope scope = context.Enter();
        _ = SettingsOf(external);
    }

    public CublasLibrary Library { get; }

    /// <summary>Bytes of a workspace as NVIDIA recommends them: 32 MiB from Hopper on, else 4 MiB.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Makes the handle, which cannot be made while a stream is captured.</summary>
    public void Prepare()
    {
        lock (_gate)
        {
            if (_external != 0 || _handle is not null)
                return;
            using CudaContext.Scope scope = _context.Enter();
            nint handle = 0;
            Check(Library.Functions.cublasCreate_v2(&handle), "cublasCreate_v2");
            CublasHandle made = new(_context, Library, handle);
            try
            {
                Check(Library.Functions.cublasSetMathMode(handle, Pedantic), "cublasSetMathMode");
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
            if (_external == 0)
            {
                Queue(_handle!.Value, stream, workspace, product, a, b, c);
                return;
            }

            Settings kept = SettingsOf(_external);
            try
            {
                Check(Library.Functions.cublasSetMathMode(_external, Pedantic), "cublasSetMathMode");
                Check(Library.Functions.cublasSetPointerMode_v2(_external, HostPointers), "cublasSetPointerMode_v2");
                Queue(_external, stream, workspace, product, a, b, c);
            }
            catch
            {
                // What went wrong first is what is told.
                _ = Restored(_external, kept);
                throw;
            }

            (CublasStatus status, string call) = Restored(_external, kept);
            Check(status, call);
        }
    }

    public void Dispose() => _handle?.Dispose();

    /// <summary>Queues products in a stream. The context is current, and the handle this thread's alone.</summary>
    private void Queue<T>(nint handle, CudaStream stream, CudaBuffer<byte> workspace, in CublasProduct product, CudaBuffer<T> a, CudaBuffer<T> b, CudaBuffer<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Check(Library.Functions.cublasSetStream_v2(handle, stream.Handle), "cublasSetStream_v2");

        // Only now: a stream that is set takes the workspace away.
        Check(Library.Functions.cublasSetWorkspace_v2(handle, workspace.Address, (nuint)workspace.Length), "cublasSetWorkspace_v2");
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
                Library.Functions.cublasSgemmStridedBatched(
                    handle, transposeB, transposeA, first.Columns, first.Rows, first.Inner, (float*)&alpha, addressB, leadB, product.StrideB,
                    addressA, leadA, product.StrideA, (float*)&beta, addressC, first.Columns, product.StrideC, product.Count),
                "cublasSgemmStridedBatched");
        }
        else
        {
            Check(
                Library.Functions.cublasDgemmStridedBatched(
                    handle, transposeB, transposeA, first.Columns, first.Rows, first.Inner, (double*)&alpha, addressB, leadB, product.StrideB,
                    addressA, leadA, product.StrideA, (double*)&beta, addressC, first.Columns, product.StrideC, product.Count),
                "cublasDgemmStridedBatched");
        }
    }

    /// <summary>What a caller set for its handle, as far as cuBLAS tells: of a workspace it does not.</summary>
    private readonly record struct Settings(nint Stream, int MathMode, int PointerMode);

    private Settings SettingsOf(nint handle)
    {
        nint stream = 0;
        int math = 0;
        int pointers = 0;
        Check(Library.Functions.cublasGetStream_v2(handle, &stream), "cublasGetStream_v2");
        Check(Library.Functions.cublasGetMathMode(handle, &math), "cublasGetMathMode");
        Check(Library.Functions.cublasGetPointerMode_v2(handle, &pointers), "cublasGetPointerMode_v2");
        return new Settings(stream, math, pointers);
    }

    /// <summary>Sets all of them again.</summary>
    /// <returns>The first status that is not success, and its call.</returns>
    private (CublasStatus Status, string Call) Restored(nint handle, Settings settings)
    {
        (CublasStatus Status, string Call)[] calls =
        [
            (Library.Functions.cublasSetStream_v2(handle, settings.Stream), "cublasSetStream_v2"),
            (Library.Functions.cublasSetMathMode(handle, settings.MathMode), "cublasSetMathMode"),
            (Library.Functions.cublasSetPointerMode_v2(handle, settings.PointerMode), "cublasSetPointerMode_v2"),
        ];
        return Array.Find(calls, call => call.Status != CublasStatus.Success);
    }

    /// <summary>Throws the typed exception of a status. cuBLAS does not say whether the device is lost, so the driver is asked. The context is current.</summary>
    private void Check(CublasStatus status, string call)
    {
        if (status == CublasStatus.Success)
            return;
        _ = _context.Succeeded(_context.Driver.Context.cuCtxSynchronize(), "cuCtxSynchronize");
        throw CublasException.Of(status, call, _context.IsLost, Library.Path, _external != 0);
    }
}
