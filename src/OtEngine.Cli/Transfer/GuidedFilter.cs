namespace OtEngine.Cli.Transfer;

/// <summary>
/// Smooths a plane of values where the guiding image is flat and keeps its edges where the guide has edges: in every window
/// the values are fitted by a linear function of the guide, and each pixel takes the mean of the fits of its windows.
/// Linear in the number of pixels, whatever the radius. Source: K. He, J. Sun, X. Tang, "Guided image filtering", IEEE TPAMI 35 (2013).
/// </summary>
internal sealed class GuidedFilter
{
    private readonly float[] _guide;
    private readonly int _width;
    private readonly int _radius;
    private readonly float[] _mean;
    private readonly float[] _steepness;

    /// <summary>Prepares for a guide.</summary>
    /// <param name="guide">Grey values from 0 to 1, row-major.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="radius">Windows are squares of 2 radius + 1 pixels, cut off at the borders.</param>
    /// <param name="flatness">Variance of the guide below which a window counts as flat.</param>
    public GuidedFilter(float[] guide, int width, int radius, float flatness)
    {
        _guide = guide;
        _width = width;
        _radius = radius;
        _mean = BoxMean(guide);
        _steepness = BoxMean(Product(guide, guide));
        for (int i = 0; i < guide.Length; i++)
            _steepness[i] = 1 / (Math.Max(_steepness[i] - (_mean[i] * _mean[i]), 0) + flatness);
    }

    /// <summary>The smoothed values.</summary>
    public float[] Smooth(float[] values)
    {
        float[] offset = BoxMean(values);
        float[] slope = BoxMean(Product(_guide, values));
        for (int i = 0; i < values.Length; i++)
        {
            slope[i] = (slope[i] - (_mean[i] * offset[i])) * _steepness[i];
            offset[i] -= slope[i] * _mean[i];
        }

        (slope, offset) = (BoxMean(slope), BoxMean(offset));
        for (int i = 0; i < values.Length; i++)
            offset[i] += slope[i] * _guide[i];
        return offset;
    }

    private static float[] Product(float[] first, float[] second)
    {
        float[] product = new float[first.Length];
        for (int i = 0; i < product.Length; i++)
            product[i] = first[i] * second[i];
        return product;
    }

    private float[] BoxMean(float[] values)
    {
        int height = values.Length / _width;
        float[] rows = new float[values.Length];
        for (int y = 0; y < height; y++)
            SlideMean(values, rows, y * _width, 1, _width);
        float[] means = new float[values.Length];
        for (int x = 0; x < _width; x++)
            SlideMean(rows, means, x, _width, height);
        return means;
    }

    // Double sums: a float one would drift along a row of thousands of pixels.
    private void SlideMean(float[] from, float[] to, int start, int stride, int count)
    {
        double sum = 0;
        for (int i = 0; i < Math.Min(_radius, count); i++)
            sum += from[start + (i * stride)];
        for (int i = 0; i < count; i++)
        {
            if (i + _radius < count)
                sum += from[start + ((i + _radius) * stride)];
            if (i - _radius > 0)
                sum -= from[start + ((i - _radius - 1) * stride)];
            int size = Math.Min(i + _radius, count - 1) - Math.Max(i - _radius, 0) + 1;
            to[start + (i * stride)] = (float)(sum / size);
        }
    }
}
