using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// The loops of <see cref="GridSoftMin"/> over a tile: up to <see cref="Lines"/> lines of a grid side by side, element j of line l at
/// j width + l, so that a vector holds eight lines. A line sees the same operations in the same order in every tile.
/// </summary>
/// <remarks>
/// In bounds: a tile of inputs holds n rows of <c>width</c> doubles, whole vectors of them, one of outputs <see cref="Together"/> of them, and a
/// matrix <see cref="Together"/> rows of n from the row given on.
/// </remarks>
internal static unsafe class GridTiles
{
    /// <summary>Lines of a tile: four vectors, so that one broadcast of the axis' matrix serves four.</summary>
    public const int Lines = 32;

    /// <summary>Rows of the axis' matrix that are worked on together.</summary>
    public const int Together = 4;

    /// <summary>Powers of two below this exponent are dropped: the product of two that are kept is a normal number.</summary>
    public const double Dropped = -500;

    /// <summary>largest_l = max_j tile_jl; NaN where there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Peaks(double* tile, int n, int width, double* largest)
    {
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> peak = Vector512.Create(double.NegativeInfinity);
            for (int j = 0; j < n; j++)
                peak = Vector512.Max(peak, Vector512.Load(tile + ((nint)j * width) + v));
            peak.Store(largest + v);
        }
    }

    /// <summary>powers_jl = 2^(tile_jl - largest_l), zero below 2^<see cref="Dropped"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Powers(double* tile, int n, int width, double* largest, double* powers)
    {
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> shift = Finite(Vector512.Load(largest + v));
            for (int j = 0; j < n; j++)
                Power(Vector512.Load(tile + ((nint)j * width) + v) - shift).Store(powers + ((nint)j * width) + v);
        }
    }

    /// <summary>2^x, zero below 2^<see cref="Dropped"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Power(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Dropped)), VectorMath.Exp2(x), Vector512<double>.Zero);

    /// <summary>sums_rl = sum_j matrix_rj powers_jl for four rows that are n apart, over <paramref name="count"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sums(double* matrix, int n, int count, double* powers, int width, double* sums)
    {
        if (width == Lines)
        {
            SumsOfFour(matrix, n, count, powers, sums);
            return;
        }

        double* second = matrix + n;
        double* third = second + n;
        double* fourth = third + n;
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> s0 = Vector512<double>.Zero;
            Vector512<double> s1 = s0;
            Vector512<double> s2 = s0;
            Vector512<double> s3 = s0;
            double* at = powers + v;
            for (int j = 0; j < count; j++, at += width)
            {
                Vector512<double> power = Vector512.Load(at);
                s0 = Vector512.FusedMultiplyAdd(Vector512.Create(matrix[j]), power, s0);
                s1 = Vector512.FusedMultiplyAdd(Vector512.Create(second[j]), power, s1);
                s2 = Vector512.FusedMultiplyAdd(Vector512.Create(third[j]), power, s2);
                s3 = Vector512.FusedMultiplyAdd(Vector512.Create(fourth[j]), power, s3);
            }

            s0.Store(sums + v);
            s1.Store(sums + width + v);
            s2.Store(sums + (2 * width) + v);
            s3.Store(sums + (3 * width) + v);
        }
    }

    /// <summary>bases_rl = largest_l + peaks_r for four rows.</summary>
    public static void Bases(double* largest, double* peaks, int width, double* bases)
    {
        for (int k = 0; k < Together * width; k += 8)
            (Vector512.Load(largest + (k % width)) + Vector512.Create(peaks[k / width])).Store(bases + k);
    }

    /// <summary>
    /// Sums as by <see cref="Sums"/>, block of inputs by block, each with shifts of its own: sums_rl 2^bases_rl with
    /// bases_rl = max over blocks of (largest of the line's block + peak of the row's block).
    /// </summary>
    /// <param name="axis">The axis.</param>
    /// <param name="row">First of four rows.</param>
    /// <param name="powers">2^(tile_jl - largest of the block of j).</param>
    /// <param name="blockLargest">By block and line.</param>
    /// <param name="width">Lines, rounded up.</param>
    /// <param name="sums">Receives the sums.</param>
    /// <param name="bases">Receives the bases.</param>
    /// <param name="room">Four rows to work in.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BlockSums(GridAxis axis, int row, double* powers, double* blockLargest, int width, double* sums, double* bases, double* room)
    {
        int blocks = axis.Blocks;
        double* peaks = axis.BlockPeaks + ((long)row * blocks);
        for (int k = 0; k < Together * width; k += 8)
        {
            Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
            for (int block = 0; block < blocks; block++)
                largest = Vector512.MaxNative(Bound(blockLargest, peaks, blocks, block, width, k), largest);
            largest.Store(bases + k);
            Vector512<double>.Zero.Store(sums + k);
        }

        for (int block = 0; block < blocks; block++)
        {
            int first = block * GridAxis.BlockLength;
            int count = Math.Min(GridAxis.BlockLength, axis.Inputs - first);
            Sums(axis.BlockPowers + ((long)row * axis.Inputs) + first, axis.Inputs, count, powers + ((long)first * width), width, room);
            for (int k = 0; k < Together * width; k += 8)
            {
                Vector512<double> factor = Power(Bound(blockLargest, peaks, blocks, block, width, k) - Vector512.Load(bases + k));
                Vector512.FusedMultiplyAdd(factor, Vector512.Load(room + k), Vector512.Load(sums + k)).Store(sums + k);
            }
        }
    }

    /// <summary>largest_rl = max_j (exponents_rj + tile_jl) for four rows; a line that is not finite hands on what it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Maxima(double* exponents, int n, double* tile, int width, double* peaks, double* largest)
    {
        double* second = exponents + n;
        double* third = second + n;
        double* fourth = third + n;
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> m0 = Vector512.Create(double.NegativeInfinity);
            Vector512<double> m1 = m0;
            Vector512<double> m2 = m0;
            Vector512<double> m3 = m0;
            double* at = tile + v;
            for (int j = 0; j < n; j++, at += width)
            {
                Vector512<double> value = Vector512.Load(at);
                m0 = Vector512.MaxNative(Vector512.Create(exponents[j]) + value, m0);
                m1 = Vector512.MaxNative(Vector512.Create(second[j]) + value, m1);
                m2 = Vector512.MaxNative(Vector512.Create(third[j]) + value, m2);
                m3 = Vector512.MaxNative(Vector512.Create(fourth[j]) + value, m3);
            }

            Vector512<double> peak = Vector512.Load(peaks + v);
            Vector512<double> finite = IsFinite(peak);
            Vector512.ConditionalSelect(finite, m0, peak).Store(largest + v);
            Vector512.ConditionalSelect(finite, m1, peak).Store(largest + width + v);
            Vector512.ConditionalSelect(finite, m2, peak).Store(largest + (2 * width) + v);
            Vector512.ConditionalSelect(finite, m3, peak).Store(largest + (3 * width) + v);
        }
    }

    /// <summary>Largest of a line's block + peak of a row's block, for the eight lines at place k of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Bound(double* blockLargest, double* peaks, int blocks, int block, int width, int k) =>
        Vector512.Load(blockLargest + (block * (long)width) + (k % width)) + Vector512.Create(peaks[(k / width * blocks) + block]);

    private static void SumsOfFour(double* matrix, int n, int count, double* powers, double* sums)
    {
        double* rows = matrix;
        Vector512<double> s00 = Vector512<double>.Zero;
        Vector512<double> s01 = s00, s02 = s00, s03 = s00;
        Vector512<double> s10 = s00, s11 = s00, s12 = s00, s13 = s00;
        Vector512<double> s20 = s00, s21 = s00, s22 = s00, s23 = s00;
        Vector512<double> s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        double* at = powers;
        for (int j = 0; j < count; j++, at += Lines, rows++)
        {
            Vector512<double> p0 = Vector512.Load(at);
            Vector512<double> p1 = Vector512.Load(at + 8);
            Vector512<double> p2 = Vector512.Load(at + 16);
            Vector512<double> p3 = Vector512.Load(at + 24);
            Vector512<double> factor = Vector512.Create(rows[0]);
            s00 = Vector512.FusedMultiplyAdd(factor, p0, s00);
            s01 = Vector512.FusedMultiplyAdd(factor, p1, s01);
            s02 = Vector512.FusedMultiplyAdd(factor, p2, s02);
            s03 = Vector512.FusedMultiplyAdd(factor, p3, s03);
            factor = Vector512.Create(rows[n]);
            s10 = Vector512.FusedMultiplyAdd(factor, p0, s10);
            s11 = Vector512.FusedMultiplyAdd(factor, p1, s11);
            s12 = Vector512.FusedMultiplyAdd(factor, p2, s12);
            s13 = Vector512.FusedMultiplyAdd(factor, p3, s13);
            factor = Vector512.Create(rows[2 * (nint)n]);
            s20 = Vector512.FusedMultiplyAdd(factor, p0, s20);
            s21 = Vector512.FusedMultiplyAdd(factor, p1, s21);
            s22 = Vector512.FusedMultiplyAdd(factor, p2, s22);
            s23 = Vector512.FusedMultiplyAdd(factor, p3, s23);
            factor = Vector512.Create(rows[3 * (nint)n]);
            s30 = Vector512.FusedMultiplyAdd(factor, p0, s30);
            s31 = Vector512.FusedMultiplyAdd(factor, p1, s31);
            s32 = Vector512.FusedMultiplyAdd(factor, p2, s32);
            s33 = Vector512.FusedMultiplyAdd(factor, p3, s33);
        }

        Store(sums, s00, s01, s02, s03);
        Store(sums + Lines, s10, s11, s12, s13);
        Store(sums + (2 * Lines), s20, s21, s22, s23);
        Store(sums + (3 * Lines), s30, s31, s32, s33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(double* sums, Vector512<double> s0, Vector512<double> s1, Vector512<double> s2, Vector512<double> s3)
    {
        s0.Store(sums);
        s1.Store(sums + 8);
        s2.Store(sums + 16);
        s3.Store(sums + 24);
    }

    /// <summary>All bits of a lane that is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> IsFinite(Vector512<double> value) =>
        Vector512.LessThan(Vector512.Abs(value), Vector512.Create(double.PositiveInfinity));

    /// <summary>The value where it is finite, zero elsewhere: a shift that makes no NaN of an infinite term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Finite(Vector512<double> value) =>
        Vector512.ConditionalSelect(IsFinite(value), value, Vector512<double>.Zero);
}
