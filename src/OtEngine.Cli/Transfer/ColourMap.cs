using System.Collections.Concurrent;
using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Transfer;

/// <summary>
/// A map of colours known at samples, extended to a whole photo. A colour moves by the mean displacement of the samples near it,
/// weighted by a Gaussian whose width is the distance of the 12th nearest sample: the nearest sample's displacement alone would
/// show as bands. Then the displacements are smoothed along the surfaces of the photo, since the map may stretch a
/// range of a few grey levels, such as a hazy sky, to many, and their rounding and noise with it.
/// </summary>
/// <param name="samples">Colours, 3 coordinates from 0 to 1 each.</param>
/// <param name="images">Where each sample goes.</param>
internal sealed class ColourMap(float[] samples, float[] images)
{
    private const int Reach = 12;

    // The square of the deviation, in units of the range of grey, that the eye takes for a flat surface: about 0.03.
    private const float Flatness = 1e-3f;

    // Beyond this exponent a sample's weight is below 1e-7 of the nearest ones'.
    private const float NegligibleExponent = 16;

    /// <summary>Applies the map.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="radius">Pixels over which displacements are smoothed; 0 leaves them alone.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="cancellationToken">Observed every few thousand colours.</param>
    public PngImage Apply(PngImage photo, int radius, int threads, CancellationToken cancellationToken)
    {
        float[][] displacements = Displacements(photo, threads, cancellationToken);
        if (radius > 0)
        {
            float[] guide = Array.ConvertAll(photo.ToGrey(), grey => (float)(grey / 255));
            GuidedFilter filter = new(guide, photo.Width, radius, Flatness);
            displacements = Array.ConvertAll(displacements, filter.Smooth);
        }

        byte[] rgb = new byte[photo.Rgb.Length];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)MathF.Round(Math.Clamp(photo.Rgb[i] + (255 * displacements[i % 3][i / 3]), 0, 255));
        return new PngImage(photo.Width, photo.Height, rgb);
    }

    private static IEnumerable<int> Colours(PngImage image)
    {
        for (int i = 0; i < image.Rgb.Length; i += 3)
            yield return (image.Rgb[i] << 16) | (image.Rgb[i + 1] << 8) | image.Rgb[i + 2];
    }

    private static Vector3 At(float[] points, int index) => new(points.AsSpan(3 * index, 3));

    // Photos repeat their colours, so each is mapped once.
    private float[][] Displacements(PngImage photo, int threads, CancellationToken cancellationToken)
    {
        Dictionary<int, int> places = [];
        foreach (int colour in Colours(photo))
            places.TryAdd(colour, places.Count);
        int[] distinct = [.. places.Keys];
        Vector3[] moves = new Vector3[distinct.Length];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.ForEach(Partitioner.Create(0, distinct.Length, 1024), options, range =>
        {
            float[] distances = new float[samples.Length / 3];
            for (int i = range.Item1; i < range.Item2; i++)
                moves[i] = Displacement(distinct[i], distances);
        });

        float[][] planes = [new float[photo.Rgb.Length / 3], new float[photo.Rgb.Length / 3], new float[photo.Rgb.Length / 3]];
        int pixel = 0;
        foreach (int colour in Colours(photo))
        {
            Vector3 move = moves[places[colour]];
            (planes[0][pixel], planes[1][pixel], planes[2][pixel]) = (move.X, move.Y, move.Z);
            pixel++;
        }

        return planes;
    }

    private Vector3 Displacement(int colour, float[] distances)
    {
        Vector3 from = new Vector3(colour >> 16, (colour >> 8) & 255, colour & 255) / 255;
        for (int s = 0; s < distances.Length; s++)
            distances[s] = Vector3.DistanceSquared(from, At(samples, s));

        // A width below one step of 8 bits would let a single sample decide.
        float width = Math.Max(FarthestOfNearest(distances), 1f / (255 * 255));
        Vector3 displacement = Vector3.Zero;
        float total = 0;
        for (int s = 0; s < distances.Length; s++)
        {
            float exponent = distances[s] / width;
            if (exponent > NegligibleExponent)
                continue;
            float weight = MathF.Exp(-exponent);
            displacement += weight * (At(images, s) - At(samples, s));
            total += weight;
        }

        return displacement / total;
    }

    private static float FarthestOfNearest(ReadOnlySpan<float> distances)
    {
        Span<float> nearest = stackalloc float[Reach];
        nearest.Fill(float.PositiveInfinity);
        foreach (float distance in distances)
        {
            if (distance >= nearest[^1])
                continue;
            int place = Reach - 1;
            for (; place > 0 && distance < nearest[place - 1]; place--)
                nearest[place] = nearest[place - 1];
            nearest[place] = distance;
        }

        return nearest[Math.Min(Reach, distances.Length) - 1];
    }
}
