using System.Runtime.InteropServices;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>Launches y = exp(x) of kernels/vector.cu on one run of doubles: a kernel for tests of what launches it.</summary>
internal sealed class VectorMap : IDisposable
{
    private const int Threads = 256;
    private const int Exp = 1;
    private readonly CudaFunction _function;
    private readonly CudaBuffer<long> _starts;
    private readonly CudaBuffer<long> _tiles;
    private readonly int _length;

    /// <param name="runtime">Where.</param>
    /// <param name="length">Elements, within one tile of the kernel.</param>
    public VectorMap(CudaRuntime runtime, int length)
    {
        _length = length;
        _function = runtime.Function("vector", "ot_vector_map_f64");
        _starts = runtime.Allocate<long>(2);
        _tiles = runtime.Allocate<long>(2);
        _starts.CopyFrom([0, length], 0);
        _tiles.CopyFrom([0, 1], 0);
    }

    public void Queue(CudaStream stream, CudaBuffer<double> x, CudaBuffer<double> y)
    {
        Arguments arguments = new() { X = x.Address, Y = y.Address, Starts = _starts.Address, Tiles = _tiles.Address, Length = _length, Runs = 1, Operation = Exp };
        stream.Launch(_function, 1, Threads, 0, arguments);
    }

    public void Dispose()
    {
        _starts.Dispose();
        _tiles.Dispose();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Arguments
    {
        public ulong X;
        public ulong Y;
        public ulong Alphas;
        public ulong Starts;
        public ulong Tiles;
        public ulong Places;
        public ulong Partials;
        public long Length;
        public int Runs;
        public int Operation;
    }
}
