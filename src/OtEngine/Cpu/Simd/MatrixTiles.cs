using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// The loops of <see cref="Multiply"/>: slices of both operands side by side in tiles, and sums over a tile of C, eight rows of two vectors, which
/// stay in registers.
/// </summary>
/// <remarks>In bounds: a slice holds its outer length rounded up to whole tiles, times its depth; a tile of sums lies within the rows of a part.</remarks>
internal static unsafe class MatrixTiles
{
    /// <summary>Rows of a tile: sixteen sums hide the latency of two multipliers twice over, and leave room for what they read.</summary>
    public const int Rows = 8;

    /// <summary>Columns of a tile.</summary>
    public static int Columns<T>()
        where T : unmanaged => 2 * Vector512<T>.Count;

    /// <summary>Packs outer x depth elements in tiles: element (i, k) of a tile at k width + i. What a last tile lacks is zero.</summary>
    /// <param name="matrix">The operand.</param>
    /// <param name="outerStep">From one outer index to the next.</param>
    /// <param name="innerStep">From one inner index to the next; one of both steps is one.</param>
    /// <param name="firstOuter">Where the slice begins.</param>
    /// <param name="outer">Outer length of the slice.</param>
    /// <param name="firstInner">Where the slice begins.</param>
    /// <param name="depth">Inner length of the slice.</param>
    /// <param name="width">Outer length of a tile.</param>
    /// <param name="slice">Receives the tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<T>(T* matrix, int outerStep, int innerStep, int firstOuter, int outer, int firstInner, int depth, int width, T* slice)
        where T : unmanaged
    {
        for (int tile = 0; tile < outer; tile += width, slice += (long)width * depth)
        {
            int count = Math.Min(width, outer - tile);
            T* start = matrix + ((long)(firstOuter + tile) * outerStep) + ((long)firstInner * innerStep);
            if (count < width)
                new Span<T>(slice, width * depth).Clear();
            for (int k = 0; k < depth && outerStep == 1; k++)
                new ReadOnlySpan<T>(start + ((long)k * innerStep), count).CopyTo(new Span<T>(slice + ((long)k * width), count));
            for (int i = 0; i < count && outerStep != 1; i++)
            {
                T* row = start + ((long)i * outerStep);
                for (int k = 0; k < depth; k++)
                    slice[((long)k * width) + i] = row[(long)k * innerStep];
            }
        }
    }

    /// <summary>sums_ij = fma(a_ik, b_kj, sums_ij) for k = 0, 1, ... over a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* a, T* b, int depth, T* sums, int stride)
        where T : unmanaged
    {
        int width = Vector512<T>.Count;
        T* second = sums + width;
        Vector512<T> s00 = Vector512.Load(sums), s01 = Vector512.Load(second);
        Vector512<T> s10 = Vector512.Load(sums + stride), s11 = Vector512.Load(second + stride);
        Vector512<T> s20 = Vector512.Load(sums + (2 * stride)), s21 = Vector512.Load(second + (2 * stride));
        Vector512<T> s30 = Vector512.Load(sums + (3 * stride)), s31 = Vector512.Load(second + (3 * stride));
        Vector512<T> s40 = Vector512.Load(sums + (4 * stride)), s41 = Vector512.Load(second + (4 * stride));
        Vector512<T> s50 = Vector512.Load(sums + (5 * stride)), s51 = Vector512.Load(second + (5 * stride));
        Vector512<T> s60 = Vector512.Load(sums + (6 * stride)), s61 = Vector512.Load(second + (6 * stride));
        Vector512<T> s70 = Vector512.Load(sums + (7 * stride)), s71 = Vector512.Load(second + (7 * stride));
        for (int k = 0; k < depth; k++, a += Rows, b += 2 * width)
        {
            Vector512<T> b0 = Vector512.Load(b);
            Vector512<T> b1 = Vector512.Load(b + width);
            Vector512<T> row = Vector512.Create(a[0]);
            s00 = VectorMath.FusedMultiplyAdd(row, b0, s00);
            s01 = VectorMath.FusedMultiplyAdd(row, b1, s01);
            row = Vector512.Create(a[1]);
            s10 = VectorMath.FusedMultiplyAdd(row, b0, s10);
            s11 = VectorMath.FusedMultiplyAdd(row, b1, s11);
            row = Vector512.Create(a[2]);
            s20 = VectorMath.FusedMultiplyAdd(row, b0, s20);
            s21 = VectorMath.FusedMultiplyAdd(row, b1, s21);
            row = Vector512.Create(a[3]);
            s30 = VectorMath.FusedMultiplyAdd(row, b0, s30);
            s31 = VectorMath.FusedMultiplyAdd(row, b1, s31);
            row = Vector512.Create(a[4]);
            s40 = VectorMath.FusedMultiplyAdd(row, b0, s40);
            s41 = VectorMath.FusedMultiplyAdd(row, b1, s41);
            row = Vector512.Create(a[5]);
            s50 = VectorMath.FusedMultiplyAdd(row, b0, s50);
            s51 = VectorMath.FusedMultiplyAdd(row, b1, s51);
            row = Vector512.Create(a[6]);
            s60 = VectorMath.FusedMultiplyAdd(row, b0, s60);
            s61 = VectorMath.FusedMultiplyAdd(row, b1, s61);
            row = Vector512.Create(a[7]);
            s70 = VectorMath.FusedMultiplyAdd(row, b0, s70);
            s71 = VectorMath.FusedMultiplyAdd(row, b1, s71);
        }

        s00.Store(sums);
        s01.Store(second);
        s10.Store(sums + stride);
        s11.Store(second + stride);
        s20.Store(sums + (2 * stride));
        s21.Store(second + (2 * stride));
        s30.Store(sums + (3 * stride));
        s31.Store(second + (3 * stride));
        s40.Store(sums + (4 * stride));
        s41.Store(second + (4 * stride));
        s50.Store(sums + (5 * stride));
        s51.Store(second + (5 * stride));
        s60.Store(sums + (6 * stride));
        s61.Store(second + (6 * stride));
        s70.Store(sums + (7 * stride));
        s71.Store(second + (7 * stride));
    }

    /// <summary>c_j = alpha sums_j, or fma(alpha, sums_j, beta c_j); where beta is zero c is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<T>(T* sums, int count, T alpha, T beta, T* c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int j = 0; j < count; j++)
            c[j] = beta == T.Zero ? alpha * sums[j] : T.FusedMultiplyAdd(alpha, sums[j], beta * c[j]);
    }
}
