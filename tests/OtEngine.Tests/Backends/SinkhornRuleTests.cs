using NUnit.Framework;
using OtEngine.Backends;

namespace OtEngine.Tests.Backends;

/// <summary>The state machine of relaxation, stages and stopping, fed with errors as sweeps would give them.</summary>
public sealed class SinkhornRuleTests
{
    private static readonly SinkhornStage Last = new(0.1, 10_000, 1e-6);

    [Test]
    public void TwoPlainSweepsBelowTheTolerance_MeetIt()
    {
        SinkhornState state = Begin();
        SinkhornRule.Advance(ref state, Last, 0.1, 0.1);
        SinkhornRule.Advance(ref state, Last, 1e-7, 1e-7);
        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Met));
        Assert.That(state.Sweeps, Is.EqualTo(2));
    }

    [Test]
    public void ARestartFromTheAnswer_MeetsItInOneSweep()
    {
        SinkhornState state = Begin();
        SinkhornRule.Advance(ref state, Last, 1e-7, 1e-7);
        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Met));
    }

    [Test]
    public void ARelaxedSweepBelowTheTolerance_IsFollowedByPlainOnes()
    {
        SinkhornState state = Begin();
        state.Omega = 1.7;
        SinkhornRule.Advance(ref state, Last, 1e-7, 1e-7);
        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Running));
        Assert.That(state.Omega, Is.EqualTo(1));
        SinkhornRule.Advance(ref state, Last, 1e-7, 1e-7);
        SinkhornRule.Advance(ref state, Last, 1e-7, 1e-7);
        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Met));
    }

    [TestCase(0.9, 1.5195)]
    [TestCase(0.99, 1.8182)]
    public void AContractionTheta_GivesYoungsOmega(double theta, double omega)
    {
        SinkhornState state = Begin();
        double error = 1e-1;
        while (state.Omega == 1)
        {
            SinkhornRule.Advance(ref state, Last, error, 0);
            error *= theta;
        }

        Assert.That(state.Omega, Is.EqualTo(omega).Within(1e-3));
        Assert.That(state.Sweeps, Is.LessThan(40));
    }

    [Test]
    public void AFastContraction_IsLeftAlone()
    {
        SinkhornState state = Begin();
        double error = 1e-1;
        for (int sweep = 0; sweep < 60 && state.Phase == SinkhornPhase.Running; sweep++, error *= 0.8)
        {
            SinkhornRule.Advance(ref state, Last with { Tolerance = 1e-300 }, error * Math.Pow(0.3 / 0.8, sweep), 0);
            Assert.That(state.Omega, Is.EqualTo(1));
        }
    }

    [Test]
    public void AGrowingError_LowersOmega()
    {
        SinkhornState state = Begin();
        state.Omega = 1.9;
        double error = 1e-3;
        for (int sweep = 0; sweep < 30 && state.Omega == 1.9; sweep++, error *= 2)
            SinkhornRule.Advance(ref state, Last, error, error);
        Assert.That(state.Omega, Is.EqualTo(1.8).Within(1e-12));
        Assert.That(state.OmegaLimit, Is.EqualTo(1.8).Within(1e-12));
    }

    [Test]
    public void StagesFollowOneAnother_ByToleranceAndByLimit()
    {
        SinkhornState state = SinkhornRule.Begin(0, 2, 1000, cold: true, relax: true, handOver: false, 1e-10);
        SinkhornStage stage = new(1, 3, 0.05);
        SinkhornRule.Advance(ref state, stage, 0.01, 0.01);
        Assert.That(state.Stage, Is.EqualTo(1));
        for (int sweep = 0; sweep < 3; sweep++)
            SinkhornRule.Advance(ref state, stage, 0.5, 0.5);
        Assert.That(state.Stage, Is.EqualTo(2));
        Assert.That(state.StageSweeps, Is.Zero);
    }

    [Test]
    public void NaN_Fails() => Assert.That(After(double.NaN, 0).Phase, Is.EqualTo(SinkhornPhase.Failed));

    [Test]
    public void OutOfSweeps_IsExhausted()
    {
        SinkhornState state = SinkhornRule.Begin(0, 0, 2, cold: true, relax: true, handOver: false, 1e-10);
        SinkhornRule.Advance(ref state, Last, 0.5, 0.5);
        SinkhornRule.Advance(ref state, Last, 0.4, 0.4);
        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Exhausted));
    }

    [Test]
    public void AnErrorThatStandsStill_StallsAtTheFloorAlone()
    {
        Assert.That(StandingStill(1e-11).Phase, Is.EqualTo(SinkhornPhase.Stalled));
        Assert.That(StandingStill(1e-3).Phase, Is.EqualTo(SinkhornPhase.Running));
    }

    [Test]
    public void ToleranceZero_NeverEndsEarly()
    {
        SinkhornState state = SinkhornRule.Begin(0, 0, 500, cold: true, relax: false, handOver: false, 1e-10);
        for (int sweep = 0; sweep < 500; sweep++)
        {
            Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Running));
            SinkhornRule.Advance(ref state, Last with { Tolerance = 0 }, 0, 0);
        }

        Assert.That(state.Phase, Is.EqualTo(SinkhornPhase.Exhausted));
    }

    private static SinkhornState Begin() => SinkhornRule.Begin(0, 0, 10_000, cold: true, relax: true, handOver: false, 1e-10);

    private static SinkhornState After(double errorA, double errorB)
    {
        SinkhornState state = Begin();
        SinkhornRule.Advance(ref state, Last, errorA, errorB);
        return state;
    }

    private static SinkhornState StandingStill(double error)
    {
        SinkhornState state = Begin();
        for (int sweep = 0; sweep < 400 && state.Phase == SinkhornPhase.Running; sweep++)
            SinkhornRule.Advance(ref state, Last with { Tolerance = 1e-14 }, error, 1e-15);
        return state;
    }
}
