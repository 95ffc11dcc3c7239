namespace OtEngine.Cli.Formats;

/// <summary>An image of 8-bit RGB, row-major from the top left.</summary>
internal sealed class PngImage
{
    /// <summary>Gives bytes the size of an image.</summary>
    /// <param name="width">Pixels in a row; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <param name="rgb">Red, green, blue of each pixel: 3 x width x height bytes.</param>
    public PngImage(int width, int height, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (rgb.Length != checked(3L * width * height))
            throw new ArgumentException($"{rgb.Length} bytes do not fill {width} x {height} pixels of RGB.", nameof(rgb));

        Width = width;
        Height = height;
        Rgb = rgb;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Red, green, blue of each pixel.</summary>
    public byte[] Rgb { get; }

    /// <summary>
    /// One number a pixel, 0 to 255: the grey itself where the three channels agree, else <c>0.2126 R + 0.7152 G + 0.0722 B</c>
    /// (ITU-R BT.709).
    /// </summary>
    public double[] ToGrey()
    {
        var grey = new double[Width * Height];
        for (int i = 0; i < grey.Length; i++)
        {
            (byte r, byte g, byte b) = (Rgb[3 * i], Rgb[(3 * i) + 1], Rgb[(3 * i) + 2]);
            grey[i] = r == g && g == b ? g : (0.2126 * r) + (0.7152 * g) + (0.0722 * b);
        }

        return grey;
    }

    /// <summary>
    /// A grey image of non-negative numbers: 0 is black, <paramref name="white"/> and more is white, NaN is black.
    /// </summary>
    public static PngImage FromGrey(ReadOnlySpan<double> values, int width, int height, double white)
    {
        if (values.Length != checked((long)width * height))
            throw new ArgumentException($"{values.Length} values do not fill {width} x {height} pixels.", nameof(values));

        var rgb = new byte[3 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double share = white > 0 ? values[i] / white : 0;
            byte grey = double.IsNaN(share) ? (byte)0 : (byte)Math.Round(255 * Math.Clamp(share, 0, 1));
            rgb.AsSpan(3 * i, 3).Fill(grey);
        }

        return new PngImage(width, height, rgb);
    }

    /// <summary>The image with every pixel as a square of <paramref name="zoom"/> x <paramref name="zoom"/>.</summary>
    public PngImage Enlarge(int zoom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(zoom, 1);
        int width = checked(zoom * Width);
        int height = checked(zoom * Height);
        var rgb = new byte[checked(3 * width * height)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                Rgb.AsSpan(3 * (((y / zoom) * Width) + (x / zoom)), 3).CopyTo(rgb.AsSpan(3 * ((y * width) + x)));
        }

        return new PngImage(width, height, rgb);
    }
}
