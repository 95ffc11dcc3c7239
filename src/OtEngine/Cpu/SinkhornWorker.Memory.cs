using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The memory of a worker: how it is laid out, and the fixed partition of the rows.</summary>
internal sealed unsafe partial class SinkhornWorker<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public void Dispose()
    {
        _elements.Dispose();
        _doubles.Dispose();
        _kernel.Dispose();
        _floatPoints.Dispose();
    }

    /// <summary>Lays out the memory and the fixed partition, which depend on the shape alone.</summary>
    private void Size(Execution execution)
    {
        _rows = _support.Sources.Length;
        _columns = _support.Sinks.Length;
        int paddedRows = RoundUp(_rows);
        _stride = RoundUp(_columns);
        long costs = (long)_rows * _columns;
        _lanes = costs >= TableLoop.SpreadFrom ? execution.Threads : 1;
        _blockRows = Math.Min(paddedRows, Math.Max(Padding, (int)Math.Min(BlockBytes / ((long)_stride * sizeof(T)), FoldRows) / Padding * Padding));
        int least = (int)Math.Min(paddedRows, Math.Max(FoldRows, TableLoop.SpreadFrom / 8 / _stride));
        _partRows = RoundUp(Math.Max(least, (paddedRows + MostParts - 1) / MostParts));
        _parts = (paddedRows + _partRows - 1) / _partRows;
        _lanes = Math.Min(_lanes, _parts);
        _foldsNothing = paddedRows <= FoldRows;
        long kernelElements = (long)paddedRows * _stride;
        _keepsKernel = kernelElements <= Math.Max(execution.CostMatrixBudget, SmallKernel) / sizeof(T);
        _kernel.Take(_keepsKernel ? kernelElements : (long)_lanes * _blockRows * _stride);
        _kernelValid = false;

        T* elements = _elements.Take((5L * paddedRows) + ((6L + _lanes) * _stride));
        _a = elements;
        _u = _a + paddedRows;
        _uNext = _u + paddedRows;
        _x = _uNext + paddedRows;
        _rowSums = _x + paddedRows;
        _b = _rowSums + paddedRows;
        _v = _b + _stride;
        _vNext = _v + _stride;
        _y = _vNext + _stride;
        _yNext = _y + _stride;
        _columnSums = _yNext + _stride;
        _chunks = _columnSums + _stride;
        double* doubles = _doubles.Take(paddedRows + (2L * _stride) + ((long)_parts * _stride) + _parts);
        _f = doubles;
        _g = _f + paddedRows;
        _gScaled = _g + _stride;
        _partSums = _gScaled + _stride;
        _partErrors = _partSums + ((long)_parts * _stride);
        if (_partBounds.Length < _parts)
            _partBounds = new ScalingBounds[_parts];

        double leastShare = 1;
        for (int i = 0; i < paddedRows; i++)
        {
            double share = i < _rows ? _support.A[i] : 0;
            _a[i] = T.CreateTruncating(share);
            leastShare = i < _rows ? Math.Min(leastShare, share) : leastShare;
        }

        for (int j = 0; j < _stride; j++)
        {
            double share = j < _columns ? _support.B[j] : 0;
            _b[j] = T.CreateTruncating(share);
            leastShare = j < _columns ? Math.Min(leastShare, share) : leastShare;
        }

        _alwaysShifted = leastShare < LeastShare;
        Fill(_gScaled, _columns, _stride, 0);
        ResetScalings();
    }

    /// <summary>Squared distances of float points, where the kernel is not kept, are computed in float throughout.</summary>
    private void PrepareFloatPoints(Geometry<T> geometry)
    {
        _inFloat = !_keepsKernel && geometry is PointCloudGeometry<float> { Cost.Kind: CostKind.SquaredEuclidean };
        if (_inFloat)
            _floatPoints.Take((PointCloudGeometry<float>)(object)geometry, _support.Sources, _support.Sinks, RoundUp(_rows), _stride);
    }

    private static int RoundUp(int count) => checked(count + Padding - 1) / Padding * Padding;

    private static void Fill<TElement>(TElement* destination, int from, int to, TElement value)
        where TElement : unmanaged
    {
        for (int k = from; k < to; k++)
            destination[k] = value;
    }

    private static void Swap(ref T* first, ref T* second)
    {
        T* kept = first;
        first = second;
        second = kept;
    }
}
