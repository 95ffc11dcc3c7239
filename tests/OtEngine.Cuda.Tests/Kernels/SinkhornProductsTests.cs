using System.Globalization;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;
using OtEngine.Tests.Backends;
using OtEngine.TestSupport;
using Sweeps = OtEngine.Tests.Backends.SinkhornPointsConformance<float>;

namespace OtEngine.Cuda.Tests.Kernels;

/// <summary>
/// Float points in more than 8 dimensions: inner products on tensor cores by each precision, and direct differences where there are none. What
/// the host device's form of the products errs by is printed, and stands in docs/numerics.md.
/// </summary>
internal sealed class SinkhornProductsTests : HostTests
{
    /// <summary>What points without stored costs are held to in float.</summary>
    private const double Tolerance = 1e-4;

    private const int WithoutTensorCores = 75;

    [TestCase(9)]
    [TestCase(24)]
    public void Sweeps_OnADeviceWithoutTensorCores_AreTheNaiveOnes(int dimension)
    {
        Host.Limit("capability", WithoutTensorCores);
        using CudaBackend backend = Open(CudaPrecision.Strict);
        PointsCase<float> problem = new(70, 131, dimension);
        Assert.That(Sweeps.Error(problem, Sweeps.Sweep(backend, [problem], 3, 1.4)[0], 3, 1.4), Is.LessThan(Tolerance));
    }

    [Test]
    public void Precision_OfFewDimensionsAndOfDouble_ChangesNoBit()
    {
        using (Assert.EnterMultipleScope())
        {
            RequireSameBits<float>(8);
            RequireSameBits<double>(16);
        }

        static void RequireSameBits<T>(int dimension)
            where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
        {
            using CudaBackend strict = Open(CudaPrecision.Strict), fast = Open(CudaPrecision.Fast);
            PointsCase<T>[] problem = [new(33, 41, dimension)];
            (double[] f, double[] g) = SinkhornPointsConformance<T>.Sweep(strict, problem, 2, 1)[0];
            Assert.That(SinkhornPointsConformance<T>.Sweep(fast, problem, 2, 1)[0], Is.EqualTo((f, g)));
        }
    }

    [Test]
    public void Precision_ThatIsNone_IsRefused() =>
        Assert.That(() => new CudaOptions { Precision = (CudaPrecision)2 }, Throws.InstanceOf<ProblemException>());

    /// <summary>Costs of ten and of a hundred eps in the mean.</summary>
    [TestCase(16, 2)]
    [TestCase(64, 2)]
    [TestCase(256, 2)]
    [TestCase(16, 6.3)]
    [TestCase(64, 6.3)]
    [TestCase(256, 6.3)]
    public void Errors_OfExponentsAndPotentials_ArePrintedAndBounded(int dimension, double scale)
    {
        // With one atom on side b a potential is one exponent, and no sum evens errors out. Both are swept from near the solution.
        PointsCase<float> exponents = Near(new PointsCase<float>(400, 1, dimension) { Scale = scale });
        PointsCase<float> potentials = Near(new PointsCase<float>(120, 90, dimension) { Scale = scale });
        (double Exponent, double Potential) Errors(CudaPrecision precision, int capability)
        {
            Host.Limit("capability", capability);
            using CudaBackend backend = Open(precision);
            return (Error(backend, exponents), Error(backend, potentials));
        }

        (double Exponent, double Potential) direct = Errors(CudaPrecision.Strict, WithoutTensorCores);
        (double Exponent, double Potential) strict = Errors(CudaPrecision.Strict, 90);
        (double Exponent, double Potential) fast = Errors(CudaPrecision.Fast, 90);
        double largest = potentials.Costs.Max() / Sweeps.Epsilon;
        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"d {dimension}, mean C / eps {scale * scale / Sweeps.Epsilon:F0}: direct {direct.Exponent:E1} {direct.Potential:E1}, Strict {strict.Exponent:E1} {strict.Potential:E1}, Fast {fast.Exponent:E1} {fast.Potential:E1}"));
        using (Assert.EnterMultipleScope())
        {
            double unit = Math.ScaleB(1, -24);

            // A rounding a coordinate, and those of the points; products round a few times for every eight.
            Assert.That(direct.Exponent, Is.LessThan((dimension + 8) * unit * largest));
            Assert.That(strict.Exponent, Is.LessThan(32 * unit * largest));
            Assert.That(strict.Potential, Is.LessThan(Tolerance));

            // Worse than Strict, so it is indeed one product; and no worse than its rounding, 2^-12 of a coordinate on either side.
            Assert.That(fast.Exponent, Is.GreaterThan(8 * strict.Exponent).And.LessThan(Math.ScaleB(1, -9) * largest));
            Assert.That(fast.Potential, Is.LessThan(Math.ScaleB(1, -9) * largest));
        }
    }

    private static PointsCase<float> Near(PointsCase<float> problem)
    {
        (double[] costs, double[] f, double[] g) = (problem.Costs, problem.F, problem.G);
        for (int sweep = 0; sweep < 50; sweep++)
            (f, g) = NaiveSinkhorn.Sweep(costs, problem.A, problem.B, f, g, Sweeps.Epsilon);
        return problem with { F = f, G = g };
    }

    private static double Error(CudaBackend backend, PointsCase<float> problem) =>
        Sweeps.Error(problem, Sweeps.Sweep(backend, [problem], 1, 1)[0], 1, 1);

    private static CudaBackend Open(CudaPrecision precision) => new(Host.Open(options =>
    {
        options.PoolsMemory = false;
        options.SolvesInBlocks = false;
        options.Precision = precision;
    }));
}
