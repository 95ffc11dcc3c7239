using System.Globalization;
using OtEngine.Cpu;

namespace OtEngine.Bench.Peers;

/// <summary>The limits of this core that the shares of the entropic rows refer to, a name and a number of units a second a line.</summary>
internal static class PeerLimits
{
    public static void Write(TextWriter output)
    {
        foreach (long bytes in (long[])[64 * 64 * sizeof(double), 2000 * 2000 * sizeof(float), 2000 * 2000 * sizeof(double)])
            Write($"read-{bytes}", MachineLimits.ReadBytes(bytes));
        Write("fma-float32", MachineLimits.MultiplyAdds<float>());
        Write("fma-float64", MachineLimits.MultiplyAdds<double>());

        void Write(string name, double rate) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {rate:R}"));
    }
}
