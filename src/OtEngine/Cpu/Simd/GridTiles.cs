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

    /// <summary>A sum above this has lost less than 2^-80 of itself to <see cref="Dropped"/> terms, of which there are fewer than 2^20.</summary>
    private static readonly double LeastSum = Math.ScaleB(1, -400);

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

    /// <summary>sums_rl = sum_j matrix_rj powers_jl for four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sums(double* matrix, int n, double* powers, int width, double* sums)
    {
        if (width == Lines)
        {
            SumsOfFour(matrix, n, powers, sums);
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
            for (int j = 0; j < n; j++, at += width)
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

    /// <summary>
    /// From sums to logarithms, in place: largest_l + peak + log2 sums_l; where a sum is too small to be trusted, taken again from the
    /// exponents with a shift of its own. A line that is not finite hands on what it is.
    /// </summary>
    /// <param name="sums">One row of sums.</param>
    /// <param name="width">Its length.</param>
    /// <param name="largest">By line.</param>
    /// <param name="peak">Largest exponent of the row of the matrix.</param>
    /// <param name="exponents">That row of exponents.</param>
    /// <param name="n">Its length.</param>
    /// <param name="tile">The inputs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Logarithms(double* sums, int width, double* largest, double peak, double* exponents, int n, double* tile)
    {
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> shift = Vector512.Load(largest + v);
            Vector512<double> sum = Vector512.Load(sums + v);
            Vector512<double> finite = IsFinite(shift);
            Vector512<double> logarithm = Vector512.Log2(sum) + (shift + Vector512.Create(peak));
            if ((Vector512.LessThan(sum, Vector512.Create(LeastSum)) & finite).ExtractMostSignificantBits() != 0)
                logarithm = Shifted(exponents, n, tile + v, width);
            Vector512.ConditionalSelect(finite, logarithm, shift).Store(sums + v);
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

    private static void SumsOfFour(double* matrix, int n, double* powers, double* sums)
    {
        double* rows = matrix;
        Vector512<double> s00 = Vector512<double>.Zero;
        Vector512<double> s01 = s00, s02 = s00, s03 = s00;
        Vector512<double> s10 = s00, s11 = s00, s12 = s00, s13 = s00;
        Vector512<double> s20 = s00, s21 = s00, s22 = s00, s23 = s00;
        Vector512<double> s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        double* at = powers;
        for (int j = 0; j < n; j++, at += Lines, rows++)
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

    /// <summary>log2 sum_j 2^(exponents_j + tile_jl) of eight lines, each shifted by its largest term.</summary>
    private static Vector512<double> Shifted(double* exponents, int n, double* tile, int width)
    {
        Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
        double* at = tile;
        for (int j = 0; j < n; j++, at += width)
            largest = Vector512.MaxNative(Vector512.Create(exponents[j]) + Vector512.Load(at), largest);
        Vector512<double> shift = Finite(largest);
        Vector512<double> sum = Vector512<double>.Zero;
        at = tile;
        for (int j = 0; j < n; j++, at += width)
            sum += VectorMath.Exp2(Vector512.Create(exponents[j]) + Vector512.Load(at) - shift);
        return largest + Vector512.Log2(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> IsFinite(Vector512<double> value) =>
        Vector512.LessThan(Vector512.Abs(value), Vector512.Create(double.PositiveInfinity));

    /// <summary>The value where it is finite, zero elsewhere: a shift that makes no NaN of an infinite term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Finite(Vector512<double> value) =>
        Vector512.ConditionalSelect(IsFinite(value), value, Vector512<double>.Zero);
}
