using System.Runtime.InteropServices;
using NUnit.Framework;
using OtEngine.Backends;

namespace OtEngine.Tests;

/// <summary>kernels/common/rule.cuh against <see cref="SinkhornRule"/>: the same errors, every field of the state, every bit.</summary>
internal sealed unsafe class SinkhornRuleTwinTests
{
    private delegate* unmanaged<SinkhornState*, SinkhornStage*, double, double, void> _advance;

    [OneTimeSetUp]
    public void Load()
    {
        string? path = TestDevice.HostLibrary;
        if (path is null)
            Assert.Ignore("The host CUDA device is not built: run ./build.sh --target Native.");
        _advance = (delegate* unmanaged<SinkhornState*, SinkhornStage*, double, double, void>)NativeLibrary.GetExport(NativeLibrary.Load(path!), "ot_host_advance");
    }

    [Test]
    public void States_AfterTheSameErrors_AreTheSameBits([Range(0, 199)] int seed)
    {
        Random random = new(seed);
        SinkhornStage[] stages = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(k => new SinkhornStage(1.0 / (k + 1), 1 + random.Next(40), random.Next(5) == 0 ? 0 : Math.Pow(10, -random.Next(9))))];
        SinkhornState expected = SinkhornRule.Begin(0, stages.Length - 1, 1 + random.Next(3000), cold: true, relax: random.Next(4) > 0, handOver: random.Next(2) == 0, random.Next(2) == 0 ? 1e-4 : 1e-10);
        SinkhornState actual = expected;
        double error = 1;
        double rate = .5 + (.5 * random.NextDouble());
        for (int sweep = 0; sweep < 3000 && expected.Phase == SinkhornPhase.Running; sweep++)
        {
            // Mostly steady contraction, now and then a jump, standing still, or no number at all.
            rate = random.Next(60) == 0 ? .3 + (.75 * random.NextDouble()) : rate;
            error *= random.Next(40) == 0 ? 20 * random.NextDouble() : rate;
            double errorA = random.Next(4000) == 0 ? double.NaN : error;
            double errorB = error * random.NextDouble();
            SinkhornStage stage = stages[expected.Stage];
            SinkhornRule.Advance(ref expected, stage, errorA, errorB);
            _advance(&actual, &stage, errorA, errorB);
            if (!Bytes(ref expected).SequenceEqual(Bytes(ref actual)))
                Assert.Fail($"seed {seed}, sweep {sweep}: {Text(expected)} on the host, {Text(actual)} in the kernels");
        }
    }

    private static ReadOnlySpan<byte> Bytes(ref SinkhornState state) => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref state, 1));

    private static string Text(SinkhornState state) =>
        FormattableString.Invariant($"{state.Phase} stage {state.Stage} sweeps {state.Sweeps} omega {state.Omega:R} rate {state.Rate:R} window {state.WindowSweeps} {state.WindowError:R}");
}
