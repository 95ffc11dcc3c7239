using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// Two clouds of float points, centred on the mean of the first, and rows of 2^(u + v_j - k |x_i - y_j|^2) from them by direct differences, all in
/// float: what a sweep reads that can afford neither the memory of its kernel nor exponents in double every time.
/// </summary>
/// <remarks>
/// In bounds: coordinates of y have the stride of the rows, a multiple of the vector's width; x has whole fours of rows. The error of an
/// exponent is some 2^-24 of its largest part, |u|, |v| or k |x - y|^2.
/// </remarks>
internal sealed unsafe class FloatPoints : IDisposable
{
    private readonly ScratchBuffer<float> _memory = new();
    private float* _x;
    private float* _y;
    private float* _v;
    private int _dimension;
    private int _stride;

    public long HeldBytes => _memory.Bytes;

    public void Dispose() => _memory.Dispose();

    /// <summary>Takes the atoms listed.</summary>
    public void Take(PointCloudGeometry<float> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, int paddedRows, int stride)
    {
        _dimension = geometry.Dimension;
        _stride = stride;
        _x = _memory.Take(((long)paddedRows * _dimension) + ((long)stride * (_dimension + 1)));
        _y = _x + ((long)paddedRows * _dimension);
        _v = _y + ((long)stride * _dimension);
        for (int c = 0; c < _dimension; c++)
        {
            double mean = 0;
            foreach (int i in sources)
                mean += (double)geometry.X[(i * _dimension) + c] / sources.Length;
            for (int k = 0; k < paddedRows; k++)
                _x[((long)k * _dimension) + c] = k < sources.Length ? (float)(geometry.X[(sources[k] * _dimension) + c] - mean) : 0;
            for (int k = 0; k < stride; k++)
                _y[((long)c * stride) + k] = k < sinks.Length ? (float)(geometry.Y[(sinks[k] * _dimension) + c] - mean) : 0;
        }
    }

    /// <summary>Takes the exponents of side b for the rows to come; those past the last column make zeros.</summary>
    public void TakeShifts(double* shifts, int columns)
    {
        for (int j = 0; j < _stride; j++)
            _v[j] = j < columns ? (float)shifts[j] : float.NegativeInfinity;
    }

    /// <summary>Four rows of the kernel, from row <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(int first, float k, float u0, float u1, float u2, float u3, float* rows)
    {
        float* x = _x + ((long)first * _dimension);
        float* second = x + _dimension;
        float* third = second + _dimension;
        float* fourth = third + _dimension;
        Vector512<float> scale = Vector512.Create(-k);
        for (int j = 0; j < _stride; j += Vector512<float>.Count)
        {
            Vector512<float> s0 = Vector512<float>.Zero;
            Vector512<float> s1 = s0;
            Vector512<float> s2 = s0;
            Vector512<float> s3 = s0;
            float* y = _y + j;
            for (int c = 0; c < _dimension; c++, y += _stride)
            {
                Vector512<float> coordinate = Vector512.Load(y);
                Vector512<float> difference = Vector512.Create(x[c]) - coordinate;
                s0 = Vector512.FusedMultiplyAdd(difference, difference, s0);
                difference = Vector512.Create(second[c]) - coordinate;
                s1 = Vector512.FusedMultiplyAdd(difference, difference, s1);
                difference = Vector512.Create(third[c]) - coordinate;
                s2 = Vector512.FusedMultiplyAdd(difference, difference, s2);
                difference = Vector512.Create(fourth[c]) - coordinate;
                s3 = Vector512.FusedMultiplyAdd(difference, difference, s3);
            }

            Vector512<float> v = Vector512.Load(_v + j);
            VectorMath.Exp2<float>(Vector512.FusedMultiplyAdd(scale, s0, v + Vector512.Create(u0))).Store(rows + j);
            VectorMath.Exp2<float>(Vector512.FusedMultiplyAdd(scale, s1, v + Vector512.Create(u1))).Store(rows + _stride + j);
            VectorMath.Exp2<float>(Vector512.FusedMultiplyAdd(scale, s2, v + Vector512.Create(u2))).Store(rows + (2L * _stride) + j);
            VectorMath.Exp2<float>(Vector512.FusedMultiplyAdd(scale, s3, v + Vector512.Create(u3))).Store(rows + (3L * _stride) + j);
        }
    }
}
