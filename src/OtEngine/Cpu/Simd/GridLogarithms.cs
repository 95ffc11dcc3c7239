using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// From the sums of <see cref="GridTiles"/> to logarithms, and the sums again in the log domain where powers of two could not hold them.
/// </summary>
/// <remarks>In bounds: as there.</remarks>
internal static unsafe class GridLogarithms
{
    /// <summary>Terms this far below the shift change no digit of a sum, however many they are.</summary>
    private const double Negligible = 90;

    /// <summary>Terms this far above the shift are still numbers, and so is their sum.</summary>
    private const double LargestExcess = 900;

    /// <summary>A sum above this has lost less than 2^-80 of itself to <see cref="GridTiles.Dropped"/> terms, of which there are fewer than 2^20.</summary>
    private static readonly double LeastSum = Math.ScaleB(1, -400);

    /// <summary>Whether all sums of some rows are large enough to be trusted, where their line is finite.</summary>
    public static bool AreTrusted(double* sums, int rows, int width, double* largest)
    {
        Vector512<double> doubted = Vector512<double>.Zero;
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> finite = GridTiles.IsFinite(Vector512.Load(largest + v));
            for (int r = 0; r < rows; r++)
                doubted |= Vector512.LessThan(Vector512.Load(sums + (r * width) + v), Vector512.Create(LeastSum)) & finite;
        }

        return doubted.ExtractMostSignificantBits() == 0;
    }

    /// <summary>
    /// From sums to logarithms, in place: bases_l + log2 sums_l; where a sum is too small to be trusted, taken again from the
    /// exponents with a shift of its own. A line that is not finite hands on what it is.
    /// </summary>
    /// <param name="axis">The axis.</param>
    /// <param name="row">The row of the sums.</param>
    /// <param name="sums">By line.</param>
    /// <param name="width">Lines, rounded up.</param>
    /// <param name="largest">By line.</param>
    /// <param name="bases">Exponents taken out of the sums, by line.</param>
    /// <param name="tile">The inputs.</param>
    /// <param name="blockLargest">By block and line, where the bases are of blocks; else null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Take(
        GridAxis axis, int row, double* sums, int width, double* largest, double* bases, double* tile, double* blockLargest)
    {
        for (int v = 0; v < width; v += 8)
        {
            Vector512<double> peak = Vector512.Load(largest + v);
            Vector512<double> sum = Vector512.Load(sums + v);
            Vector512<double> finite = GridTiles.IsFinite(peak);
            Vector512<double> logarithm = Vector512.Log2(sum) + Vector512.Load(bases + v);
            if ((Vector512.LessThan(sum, Vector512.Create(LeastSum)) & finite).ExtractMostSignificantBits() != 0)
            {
                logarithm = blockLargest == null
                    ? Shifted(axis.Exponents + ((long)row * axis.Inputs), axis.Inputs, tile + v, width)
                    : ShiftedNearby(axis, row, tile + v, blockLargest + v, width, Vector512.Load(bases + v));
            }

            Vector512.ConditionalSelect(finite, logarithm, peak).Store(sums + v);
        }
    }

    /// <summary>
    /// As <see cref="Shifted"/>, but only of the blocks that count: the shift is the largest term of the blocks whose bound is the base of a
    /// line, and blocks whose bound is 2^-<see cref="Negligible"/> below it in every line are left out.
    /// </summary>
    private static Vector512<double> ShiftedNearby(GridAxis axis, int row, double* tile, double* blockLargest, int width, Vector512<double> bases)
    {
        double* exponents = axis.Exponents + ((long)row * axis.Inputs);
        double* peaks = axis.BlockPeaks + ((long)row * axis.Blocks);
        Vector512<double> shift = Vector512.Create(double.NegativeInfinity);
        for (int block = 0; block < axis.Blocks; block++)
        {
            Vector512<double> bound = Vector512.Load(blockLargest + (block * (long)width)) + Vector512.Create(peaks[block]);
            if (Vector512.Equals(bound, bases).ExtractMostSignificantBits() == 0)
                continue;
            int end = Math.Min((block + 1) * GridAxis.BlockLength, axis.Inputs);
            for (int j = block * GridAxis.BlockLength; j < end; j++)
                shift = Vector512.MaxNative(Vector512.Create(exponents[j]) + Vector512.Load(tile + ((nint)j * width)), shift);
        }

        // A bound may be far above every term of its block; then so may others be above this shift.
        if (Vector512.LessThan(shift, bases - Vector512.Create(LargestExcess)).ExtractMostSignificantBits() != 0)
            return Shifted(exponents, axis.Inputs, tile, width);
        Vector512<double> least = shift - Vector512.Create(Negligible);
        Vector512<double> finite = GridTiles.Finite(shift);
        Vector512<double> sum = Vector512<double>.Zero;
        for (int block = 0; block < axis.Blocks; block++)
        {
            Vector512<double> bound = Vector512.Load(blockLargest + (block * (long)width)) + Vector512.Create(peaks[block]);
            if (Vector512.GreaterThan(bound, least).ExtractMostSignificantBits() == 0)
                continue;
            int end = Math.Min((block + 1) * GridAxis.BlockLength, axis.Inputs);
            for (int j = block * GridAxis.BlockLength; j < end; j++)
                sum += VectorMath.Exp2(Vector512.Create(exponents[j]) + Vector512.Load(tile + ((nint)j * width)) - finite);
        }

        return shift + Vector512.Log2(sum);
    }

    /// <summary>log2 sum_j 2^(exponents_j + tile_jl) of eight lines, each shifted by its largest term.</summary>
    private static Vector512<double> Shifted(double* exponents, int n, double* tile, int width)
    {
        Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
        double* at = tile;
        for (int j = 0; j < n; j++, at += width)
            largest = Vector512.MaxNative(Vector512.Create(exponents[j]) + Vector512.Load(at), largest);
        Vector512<double> shift = GridTiles.Finite(largest);
        Vector512<double> sum = Vector512<double>.Zero;
        at = tile;
        for (int j = 0; j < n; j++, at += width)
            sum += VectorMath.Exp2(Vector512.Create(exponents[j]) + Vector512.Load(at) - shift);
        return largest + Vector512.Log2(sum);
    }
}
