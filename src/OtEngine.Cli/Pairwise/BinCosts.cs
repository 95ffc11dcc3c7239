using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Pairwise;

/// <summary>Costs between bins, and what is known of them.</summary>
/// <param name="Geometry">The costs.</param>
/// <param name="Mean">The mean of |C| over all pairs of bins.</param>
/// <param name="IsSymmetric">C[i, j] = C[j, i].</param>
/// <param name="IsMetricLike">No cost is negative, and those of the diagonal are zero.</param>
/// <param name="Matrix">The stored costs; empty where none are.</param>
/// <param name="Words">What tells costs apart that are not stored.</param>
internal sealed record BinCosts<T>(Geometry<T> Geometry, double Mean, bool IsSymmetric, bool IsMetricLike, T[] Matrix, string Words)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Below this a stored matrix stays in cache, and histograms share what is computed from it.
    private const int MostStoredPixels = 1024;

    /// <summary>What the entries of an all-pairs matrix depend on.</summary>
    public byte[] Identity => [.. Encoding.UTF8.GetBytes(Words), .. MemoryMarshal.AsBytes(Matrix.AsSpan())];

    /// <summary>The costs of a file.</summary>
    /// <param name="path">A square matrix.</param>
    /// <param name="bins">Its rows and columns.</param>
    /// <param name="histograms">The file of the histograms, for messages.</param>
    /// <exception cref="InputFileException">Another shape, or values that are not finite.</exception>
    public static BinCosts<T> OfFile(string path, int bins, string histograms)
    {
        NumericArray array = NumericFile.Read(path);
        (int rows, int columns) = array.AsMatrix();
        if (rows != bins || columns != bins)
            throw new InputFileException(path, $"is {rows} x {columns}, but the histograms of {histograms} have {bins} bins; {bins} x {bins} is needed");
        return Stored(Inputs.Finite<T>(array), bins, null);
    }

    /// <summary>Costs between the pixels of a grid, in pixel units.</summary>
    /// <param name="grid">Pixels along each axis.</param>
    /// <param name="cost">A power of a norm.</param>
    /// <param name="isEntropic">Whether they are for an entropic solver, which on a large grid takes separable costs axis by axis.</param>
    /// <param name="bins">Pixels, as the histograms have them.</param>
    /// <param name="histograms">The file of the histograms, for messages.</param>
    /// <exception cref="CommandException">Another number of pixels, or too many.</exception>
    public static BinCosts<T> OfGrid(int[] grid, Cost cost, bool isEntropic, int bins, string histograms)
    {
        string name = string.Join('x', grid);
        long pixels = grid.Aggregate(1L, (product, length) => product * length);
        if (pixels != bins)
            throw new CommandException($"--grid {name} has {pixels} pixels, but the histograms of {histograms} have {bins} bins; labels among them are named by --label-column");
        if (isEntropic && cost.Norm == cost.Exponent && pixels > MostStoredPixels && grid.Length <= GridGeometry<T>.MostAxes)
        {
            double mean = grid.Sum(length => TensorPrimitives.Sum<double>(GridCosts.Between<double>([length], cost)) / ((double)length * length));
            string words = string.Create(CultureInfo.InvariantCulture, $"grid {name}, exponent {cost.Exponent:R}");
            return new BinCosts<T>(new GridGeometry<T>(grid, exponent: cost.Exponent), mean, IsSymmetric: true, IsMetricLike: true, [], words);
        }

        if (pixels * pixels > Array.MaxLength)
            throw new CommandException(ExitCode.DeviceOrMemory, $"--grid {name} would need {pixels} x {pixels} costs, more than {Array.MaxLength}; take a coarser grid");
        return Stored(GridCosts.Between<T>(grid, cost), bins, cost.MetricPower);
    }

    private static BinCosts<T> Stored(T[] costs, int bins, double? metricPower)
    {
        bool isSymmetric = true;
        bool isMetricLike = true;
        double sum = 0;
        for (int i = 0; i < bins; i++)
        {
            isMetricLike &= costs[(i * bins) + i] == T.Zero;
            for (int j = 0; j < bins; j++)
            {
                T cost = costs[(i * bins) + j];
                isSymmetric &= cost == costs[(j * bins) + i];
                isMetricLike &= cost >= T.Zero;
                sum += Math.Abs(double.CreateChecked(cost));
            }
        }

        return new BinCosts<T>(new DenseGeometry<T>(costs, bins, bins, metricPower), sum / bins / bins, isSymmetric, isMetricLike, costs, "");
    }
}
