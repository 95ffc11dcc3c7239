using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Transfer;

/// <summary>The colours of an image as points in the unit cube, red, green and blue from 0 to 1.</summary>
internal static class ColourCloud
{
    /// <summary>The colours of some pixels, drawn without replacement; all pixels where there are no more.</summary>
    /// <param name="image">The image.</param>
    /// <param name="count">Pixels drawn.</param>
    /// <param name="random">The source of randomness.</param>
    /// <returns>3 coordinates a colour.</returns>
    public static T[] Sample<T>(PngImage image, int count, Random random)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] pixels = [.. Enumerable.Range(0, image.Width * image.Height)];
        count = Math.Min(count, pixels.Length);
        T[] colours = new T[3 * count];
        for (int i = 0; i < count; i++)
        {
            int drawn = random.Next(i, pixels.Length);
            (pixels[i], pixels[drawn]) = (pixels[drawn], pixels[i]);
            for (int channel = 0; channel < 3; channel++)
                colours[(3 * i) + channel] = T.CreateChecked(image.Rgb[(3 * pixels[i]) + channel] / 255.0);
        }

        return colours;
    }
}
