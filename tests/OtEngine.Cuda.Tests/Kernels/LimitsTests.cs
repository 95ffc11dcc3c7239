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

    /// <summary>Sums of multiples of a sixty-fourth, so that no bit is lost.</summary>
    [Test]
    public void ChainsOfProducts_OnTensorCores_AreThoseOfTheirDefinition([Values(0, 1, 9)] int rounds)
    {
        if (_runtime.Limits.Capability < Tuning.TensorCoresFrom)
            Assert.Ignore($"This device has no tensor cores for floats: its compute capability is {_runtime.Limits.Capability / 10}.{_runtime.Limits.Capability % 10}.");
        double[,] left = new double[16, 8], right = new double[8, 8];
        for (int row = 0; row < 16; row++)
        {
            for (int inner = 0; inner < 8; inner++)
                (left[row, inner], right[inner, row / 2]) = ((((row + (3 * inner)) % 7) - 3) / 8.0, ((((2 * inner) + (row / 2)) % 5) - 2) / 8.0);
        }

        float[] found = Limits.ProductsChained(_runtime, rounds);
        float[] expected = [.. Enumerable.Range(0, found.Length).Select(thread => (float)Held(thread % 32))];
        Assert.That(found, Is.EqualTo(expected));

        double Held(int lane) => (
            from k in Enumerable.Range(0, 8)
            from row in (int[])[lane / 4, (lane / 4) + 8]
            from column in (int[])[2 * (lane % 4), (2 * (lane % 4)) + 1]
            select k + (rounds * Enumerable.Range(0, 8).Sum(inner => left[row, inner] * right[inner, column]))).Sum();
    }

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
