using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>The verb SlicedCost: on a device a warp's, a block's, and by passes.</summary>
internal sealed partial class VerbChecks<T>
{
    // The last pair is more than the shared memory of any block holds; weights are uneven, of the second pair even.
    private static readonly (int N, int M)[] Clouds = [(1, 5), (33, 33), (128, 127), (129, 300), (16_000, 15_001)];

    /// <summary>The cost along each of two axes of the plane.</summary>
    private VerbError SlicedCost()
    {
        const int Axes = 2;
        T[] axes = Array.ConvertAll((double[])[0.6, 0.8, -0.8, 0.6], T.CreateChecked);
        VerbError largest = default;
        foreach ((int n, int m) in Clouds)
        {
            T[] points = Drawn(7, 2 * (n + m));
            long[] masses = new long[n + m];
            T[] weights = n == m ? [] : Array.ConvertAll(Drawn(8, n + m), weight => weight * weight);
            SlicedMasses.Round<T>(n == m ? [] : weights.AsSpan(0, n), masses.AsSpan(0, n));
            SlicedMasses.Round<T>(n == m ? [] : weights.AsSpan(n), masses.AsSpan(n));
            using BackendBuffer<T> ofPoints = Buffer(points), ofAxes = Buffer(axes);
            using BackendBuffer<long> ofMasses = Backend.Allocate<long>(n + m);
            using BackendBuffer<double> costs = Backend.Allocate<double>(Axes), slopes = Backend.Allocate<double>((long)Axes * (n + m));
            using BackendBuffer<int> orders = Backend.Allocate<int>((long)Axes * (n + m));
            ofMasses.CopyFrom(masses, 0);
            SlicedRow row = new()
            {
                A = new SlicedSide { Count = n, Points = 0, Mass = 1, Masses = n == m ? SlicedSide.None : 0, Orders = 0, Slopes = 0 },
                B = new SlicedSide { Count = m, Points = 2 * n, Mass = 1, Masses = n == m ? SlicedSide.None : n, Orders = Axes * n, Slopes = Axes * n },
                Dimension = 2,
                Directions = Axes,
                FirstDirection = 0,
                Costs = 0,
                Unit = n == m ? 1.0 / n : SlicedMasses.RoundedUnit,
            };
            Backend.SlicedCost([row], 2, new SlicedBuffers<T> { Points = ofPoints, Directions = ofAxes, Masses = ofMasses, Costs = costs, Orders = orders, Slopes = slopes }, _execution);

            double[] expected = new double[3 * Axes], found = new double[3 * Axes], slope = Read(slopes);
            Read(costs).CopyTo(found, 0);
            for (int l = 0; l < Axes; l++)
            {
                double[] x = Positions(points.AsSpan(0, 2 * n), axes.AsSpan(2 * l, 2)), y = Positions(points.AsSpan(2 * n), axes.AsSpan(2 * l, 2));
                (expected[l], double drift) = Matched(x, y, masses.AsSpan(0, n), masses.AsSpan(n));

                // The slopes of a side add up to how the cost changes as all of it moves.
                (expected[Axes + l], expected[(2 * Axes) + l]) = (drift, -drift);
                found[Axes + l] = slope.AsSpan(l * n, n).ToArray().Sum();
                found[(2 * Axes) + l] = slope.AsSpan((Axes * n) + (l * m), m).ToArray().Sum();
            }

            largest = largest.Or(VerbError.Between(found, expected, 1, VerbError.Roundoff<double>() * (n + m)));
        }

        return largest;
    }

    /// <summary>Projections as the verb defines them, of points whose coordinates lie axis by axis.</summary>
    private static double[] Positions(ReadOnlySpan<T> points, ReadOnlySpan<T> axis)
    {
        double[] positions = new double[points.Length / 2];
        for (int i = 0; i < positions.Length; i++)
            positions[i] = double.CreateChecked(T.FusedMultiplyAdd(axis[1], points[positions.Length + i], T.FusedMultiplyAdd(axis[0], points[i], T.Zero)));
        return positions;
    }

    /// <summary>sum |d|^2 P and sum 2 d P over the monotone matching P of mass one.</summary>
    private static (double Cost, double Drift) Matched(double[] x, double[] y, ReadOnlySpan<long> massesX, ReadOnlySpan<long> massesY)
    {
        int[] orderX = [.. Enumerable.Range(0, x.Length).OrderBy(i => x[i])], orderY = [.. Enumerable.Range(0, y.Length).OrderBy(j => y[j])];
        (double cost, double drift) = (0, 0);
        long restX = 0;
        long restY = 0;
        for (int k = -1, l = -1; ;)
        {
            while (restX == 0 && ++k < x.Length)
                restX = massesX[orderX[k]];
            while (restY == 0 && ++l < y.Length)
                restY = massesY[orderY[l]];
            if (restX == 0 || restY == 0)
                return (cost, drift);
            long units = Math.Min(restX, restY);
            double mass = units * SlicedMasses.RoundedUnit, d = x[orderX[k]] - y[orderY[l]];
            (cost, drift) = (cost + (mass * d * d), drift + (mass * 2 * d));
            (restX, restY) = (restX - units, restY - units);
        }
    }
}
