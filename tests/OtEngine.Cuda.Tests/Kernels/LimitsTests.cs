using NUnit.Framework;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Kernels;

/// <summary>What measures the device computes what it is taken for: a chain that a compiler left out would be a limit that nothing reaches.</summary>
internal sealed class LimitsTests
{
    private CudaRuntime _runtime = null!;

    [OneTimeSetUp]
    public void Open()
    {
        CudaOptions options = new() { PoolsMemory = false };
        TestDevice.Require(options);
        _runtime = CudaRuntime.Open(options, []);
    }

    [OneTimeTearDown]
    public void Close() => _runtime?.Dispose();

    [Test]
    public void Copy_OfAnyGroups_HasTheirBits([Values(1, 31, 256, 511, 513, 2049)] int groups)
    {
        float[] source = [.. Enumerable.Range(0, 4 * groups).Select(k => k % 5 == 3 ? 0 : k - 0.25f)];
        Assert.That(Limits.Copied(_runtime, source), Is.EqualTo(source));
    }

    [Test]
    public void Chains_OfFloats_AreThoseOfTheirDefinition([Values] bool powers, [Values(0, 1, 9)] int rounds) => Check(Limits.Chained<float>(_runtime, powers, rounds), powers, rounds, 6e-8);

    [Test]
    public void Chains_OfDoubles_AreThoseOfTheirDefinition([Values] bool powers, [Values(0, 1, 9)] int rounds) => Check(Limits.Chained<double>(_runtime, powers, rounds), powers, rounds, 1.2e-16);

    private static void Check<T>(T[] found, bool powers, int rounds, double roundoff)
        where T : System.Numerics.INumberBase<T>
    {
        double[] expected = [.. Enumerable.Range(0, found.Length).Select(thread => Enumerable.Range(0, 8).Sum(k => Chain(0.5 + (((thread % 7) + k) / 32.0))))];
        Assert.That(ScaledResidual.Of(Array.ConvertAll(found, double.CreateTruncating), expected, roundoff, 1).Residual, Is.LessThan(ScaledResidual.Most));

        double Chain(double x)
        {
            for (int round = 0; round < rounds; round++)
                x = powers ? Math.Pow(2, -x) : (0.75 * x) + 0.25;
            return x;
        }
    }
}
