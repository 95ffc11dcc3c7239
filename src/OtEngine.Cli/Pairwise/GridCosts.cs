using System.Globalization;
using System.Numerics;

namespace OtEngine.Cli.Pairwise;

/// <summary>Costs between the pixels of a regular grid, in pixel units.</summary>
internal static class GridCosts
{
    /// <summary>The lengths of a grid's axes from <c>8x8</c>; null where the text is no grid.</summary>
    public static int[]? Parse(string text)
    {
        string[] parts = text.Split('x', 'X');
        int[] lengths = new int[parts.Length];
        long pixels = 1;
        for (int axis = 0; axis < parts.Length; axis++)
        {
            if (!int.TryParse(parts[axis], NumberStyles.None, CultureInfo.InvariantCulture, out lengths[axis]) || lengths[axis] < 1)
                return null;
            pixels *= lengths[axis];
            if (pixels > 1 << 20)
                return null;
        }

        return lengths;
    }

    /// <summary>The matrix of |u - v|_p^q over pixels u and v in row-major order.</summary>
    /// <param name="lengths">Pixels along each axis.</param>
    /// <param name="cost">A power of a norm; not the cosine cost, which pixel (0, 0) does not have.</param>
    public static T[] Between<T>(int[] lengths, Cost cost)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int pixels = lengths.Aggregate(1, (product, length) => product * length);
        T[] costs = new T[checked(pixels * pixels)];
        for (int i = 0; i < pixels; i++)
        {
            for (int j = 0; j <= i; j++)
                costs[(i * pixels) + j] = costs[(j * pixels) + i] = T.CreateSaturating(Between(i, j, lengths, cost));
        }

        return costs;
    }

    private static double Between(int i, int j, int[] lengths, Cost cost)
    {
        double sum = 0;
        double largest = 0;
        for (int axis = lengths.Length - 1; axis >= 0; axis--)
        {
            double difference = Math.Abs((i % lengths[axis]) - (j % lengths[axis]));
            (i, j) = (i / lengths[axis], j / lengths[axis]);
            largest = Math.Max(largest, difference);
            sum += Math.Pow(difference, cost.Norm);
        }

        return double.IsInfinity(cost.Norm) ? Math.Pow(largest, cost.Exponent)
            : cost.Kind == CostKind.Euclidean ? Math.Sqrt(sum)
            : Math.Pow(sum, cost.Exponent / cost.Norm);
    }
}
