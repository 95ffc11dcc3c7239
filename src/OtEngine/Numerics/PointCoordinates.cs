using System.Numerics;

namespace OtEngine;

/// <summary>Coordinates in double, as <see cref="PointCostRows{TCost}"/> reads them.</summary>
internal static class PointCoordinates
{
    /// <summary>Copies one point.</summary>
    /// <param name="point">d coordinates; not all zero if scaled.</param>
    /// <param name="destination">Receives coordinate k at k * stride.</param>
    /// <param name="stride">1 for a point of a row, the stride of the columns for one of a column.</param>
    /// <param name="unitLength">Whether to scale the point to length one, as the cosine cost needs it.</param>
    public static void Copy<T>(ReadOnlySpan<T> point, Span<double> destination, int stride, bool unitLength)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!unitLength)
        {
            for (int k = 0; k < point.Length; k++)
                destination[k * stride] = double.CreateTruncating(point[k]);
            return;
        }

        (double largest, double scaledLength) = Measure(point);
        for (int k = 0; k < point.Length; k++)
            destination[k * stride] = double.CreateTruncating(point[k]) / largest / scaledLength;
    }

    /// <summary>|x|.</summary>
    public static double Length<T>(ReadOnlySpan<T> point)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (double largest, double scaledLength) = Measure(point);
        return largest * scaledLength;
    }

    /// <summary>The largest coordinate, and the length of the point divided by it: no square over- or underflows.</summary>
    private static (double Largest, double ScaledLength) Measure<T>(ReadOnlySpan<T> point)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double largest = 0;
        foreach (T coordinate in point)
            largest = Math.Max(largest, Math.Abs(double.CreateTruncating(coordinate)));
        double squares = 0;
        foreach (T coordinate in point)
        {
            double scaled = double.CreateTruncating(coordinate) / largest;
            squares += scaled * scaled;
        }

        return (largest, Math.Sqrt(squares));
    }
}
