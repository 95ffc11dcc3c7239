using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb Vector against loops over ragged runs, some of them empty, some longer than a tile.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class VectorConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly int[] Lengths = [0, 1, 31, 32, 33, 0, 257, 4096, 4097, 9001, 0];

    private Backend _backend = null!;

    private static double Rounding => typeof(T) == typeof(float) ? 1e-6 : 1e-14;

    /// <summary>The first run does not begin at the beginning.</summary>
    private static long[] Starts
    {
        get
        {
            long[] starts = new long[Lengths.Length + 1];
            starts[0] = 5;
            for (int run = 0; run < Lengths.Length; run++)
                starts[run + 1] = starts[run] + Lengths[run];
            return starts;
        }
    }

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [Test]
    public void Map_OfEachRun_IsTheFunctionOfItsElements([Values(VectorOperation.Axpy, VectorOperation.Exp, VectorOperation.Log)] VectorOperation operation, [Values] bool inPlace)
    {
        long[] starts = Starts;
        double[] alphas = Drawn.Uniform(3, Lengths.Length);
        T[] x = Draw(1, (int)starts[^1] + 3), y = inPlace ? x : Draw(2, x.Length);
        using BackendBuffer<T> ofX = Buffer(x), ofY = Buffer(y);

        _backend.VectorMap(operation, starts, operation == VectorOperation.Axpy ? alphas : [], ofX, inPlace ? ofX : ofY, TestExecution.On(_backend));

        T[] found = new T[y.Length];
        (inPlace ? ofX : ofY).CopyTo(found, 0);
        double[] expected = Array.ConvertAll(y, double.CreateTruncating);
        for (int run = 0; run < Lengths.Length; run++)
        {
            for (long k = starts[run]; k < starts[run + 1]; k++)
            {
                double value = double.CreateTruncating(x[k]);
                expected[k] = operation switch { VectorOperation.Axpy => expected[k] + (alphas[run] * value), VectorOperation.Exp => Math.Exp(value), _ => Math.Log(value) };
            }
        }

        Assert.That(Array.ConvertAll(found, double.CreateTruncating), Is.EqualTo(expected).Within(Rounding));
    }

    [Test]
    public void Reduce_OfEachRun_IsItsSumOrLargest([Values(VectorOperation.Sum, VectorOperation.Max)] VectorOperation operation)
    {
        long[] starts = Starts;
        T[] x = Draw(1, (int)starts[^1]);
        x[starts[3] + 7] = T.NaN;

        double[] found = Reduced(operation, starts, x);

        for (int run = 0; run < Lengths.Length; run++)
        {
            double[] values = [.. x.AsSpan((int)starts[run], Lengths[run]).ToArray().Select(double.CreateTruncating)];
            double expected = operation == VectorOperation.Sum ? values.Sum() : values.Length == 0 ? double.NegativeInfinity : values.Any(double.IsNaN) ? double.NaN : values.Max();
            Assert.That(found[run], Is.EqualTo(expected).Within(1e-11 * (1 + values.Length)), $"run {run}");
        }
    }

    [Test]
    public void Reduce_OfARunAlone_HasItsBitsAmongOthers()
    {
        long[] starts = Starts;
        T[] x = Draw(4, (int)starts[^1]);

        double[] together = Reduced(VectorOperation.Sum, starts, x);

        for (int run = 0; run < Lengths.Length; run++)
            Assert.That(Reduced(VectorOperation.Sum, [starts[run], starts[run + 1]], x), Is.EqualTo((double[])[together[run]]), $"run {run}");
    }

    [Test]
    public void GroupSum_OfMembers_IsTheirWeightedSum()
    {
        const int Length = 300;
        long[] groups = [0, 3, 3, 4, 8];
        long[] places = [0, 300, 17, 600, 0, 1, 2, 599];
        double[] weights = [.5, .25, -1, 1, 1, 2, 3, 4];
        T[] x = Draw(5, 900);
        using BackendBuffer<T> ofX = Buffer(x);
        using BackendBuffer<double> sums = _backend.Allocate<double>(4 * Length);

        _backend.VectorGroupSum(groups, places, weights, Length, ofX, sums, TestExecution.On(_backend));

        double[] found = new double[4 * Length];
        sums.CopyTo(found, 0);
        for (int k = 0; k < found.Length; k++)
        {
            (int group, int at) = Math.DivRem(k, Length);
            double expected = 0;
            for (long member = groups[group]; member < groups[group + 1]; member++)
                expected = Math.FusedMultiplyAdd(weights[member], double.CreateTruncating(x[places[member] + at]), expected);
            Assert.That(found[k], Is.EqualTo(expected), $"group {group}, element {at}");
        }
    }

    [Test]
    public void Runs_BeyondTheirBuffer_AreRefused()
    {
        using BackendBuffer<T> x = Buffer(new T[8]);
        using BackendBuffer<double> results = _backend.Allocate<double>(2);
        foreach (long[] starts in (long[][])[[], [0, 9], [-1, 3], [5, 3], [0, 1, 2, 3]])
            Assert.That(() => _backend.VectorReduce(VectorOperation.Sum, starts, x, results, TestExecution.On(_backend)), Throws.InstanceOf<ArgumentOutOfRangeException>(), string.Join(' ', starts));
        foreach (long[] places in (long[][])[[7], [-1]])
            Assert.That(() => _backend.VectorGroupSum([0, 1], places, [1], 2, x, results, TestExecution.On(_backend)), Throws.InstanceOf<ArgumentOutOfRangeException>(), $"member at {places[0]}");
    }

    private static T[] Draw(int seed, int count) => [.. Drawn.Uniform(seed, count).Select(u => T.CreateTruncating(u + .01))];

    private double[] Reduced(VectorOperation operation, long[] starts, T[] x)
    {
        using BackendBuffer<T> ofX = Buffer(x);
        using BackendBuffer<double> results = _backend.Allocate<double>(starts.Length - 1);
        _backend.VectorReduce(operation, starts, ofX, results, TestExecution.On(_backend));
        double[] found = new double[starts.Length - 1];
        results.CopyTo(found, 0);
        return found;
    }

    private BackendBuffer<T> Buffer(T[] elements)
    {
        BackendBuffer<T> buffer = _backend.Allocate<T>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }
}
