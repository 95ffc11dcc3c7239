using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class ColorMapTests
{
    [Test]
    public void At_EqualSteps_GrowEquallyBright()
    {
        const int Steps = 64;
        double[] lightness = [.. Enumerable.Range(0, Steps + 1).Select(i => Lightness(ColorMap.At((double)i / Steps)))];
        double[] steps = [.. lightness.Zip(lightness.Skip(1), (a, b) => b - a)];
        double mean = steps.Average();

        // Viridis keeps its lightness steps within a third of their mean; 8-bit rounding of 65 colours adds about as much.
        Assert.That(steps, Has.All.InRange(mean / 3, mean * 5 / 3));
    }

    [Test]
    public void At_BeyondTheScale_IsTheEnd()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ColorMap.At(-3), Is.EqualTo(((byte)0x44, (byte)0x01, (byte)0x54)));
            Assert.That(ColorMap.At(double.PositiveInfinity), Is.EqualTo(((byte)0xFD, (byte)0xE7, (byte)0x25)));
            Assert.That(ColorMap.At(double.NaN), Is.EqualTo(((byte)0xCB, (byte)0xD2, (byte)0xD9)));
        }
    }

    // CIE L* from sRGB.
    private static double Lightness((byte R, byte G, byte B) color)
    {
        double y = (0.2126 * Linear(color.R)) + (0.7152 * Linear(color.G)) + (0.0722 * Linear(color.B));
        return y > 0.008856 ? (116 * Math.Cbrt(y)) - 16 : 903.3 * y;

        static double Linear(byte value)
        {
            double v = value / 255.0;
            return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
        }
    }
}
