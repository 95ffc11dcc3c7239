using System.Numerics;

namespace OtEngine;

/// <summary>The directions of a <see cref="Sliced"/>: given and checked, or drawn evenly from the sphere.</summary>
internal static class SlicedDirections
{
    /// <summary>How far the length of a given direction may be from one: what float leaves of it, with room.</summary>
    private const double LengthTolerance = 1e-5;

    /// <summary>L x d coordinates, row-major, as T holds them.</summary>
    public static T[] Of<T>(Sliced solver, int dimension)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (solver.Directions.IsEmpty)
            return Array.ConvertAll(Drawn(solver.Seed, solver.Projections, dimension), T.CreateTruncating);
        ReadOnlySpan<double> given = solver.Directions.Span;
        if (given.Length % dimension != 0)
            Throw.ShapeMismatch("The directions", given.Length, Math.Max(1, given.Length / dimension) * (long)dimension, $"a multiple of the dimension {dimension}");
        Validate.Finite("directions", given);
        for (int l = 0; l < given.Length; l += dimension)
        {
            double length = PointCoordinates.Length(given.Slice(l, dimension));
            if (!(Math.Abs(length - 1) <= LengthTolerance))
                Throw.OutOfRange($"The length of direction {l / dimension}", length, "1 to a relative 1e-5: directions are unit vectors");
        }

        return Array.ConvertAll(given.ToArray(), T.CreateTruncating);
    }

    private static double[] Drawn(int seed, int count, int dimension)
    {
        double[] directions = new double[Sizes.Product("The directions", count, dimension, "draw fewer")];
        Random random = new(seed);
        for (int l = 0; l < directions.Length; l += dimension)
        {
            Span<double> direction = directions.AsSpan(l, dimension);
            double length = 0;
            while (length == 0)
            {
                foreach (ref double coordinate in direction)
                    coordinate = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                length = PointCoordinates.Length<double>(direction);
                if (double.IsNaN(length))
                    length = 0;
            }

            foreach (ref double coordinate in direction)
                coordinate /= length;
        }

        return directions;
    }
}
