using OtEngine.Backends;

namespace OtEngine;

/// <summary>The stages of an entropic solve, as data: from an eps near the range of the costs down to the wanted one.</summary>
internal static class SinkhornSchedule
{
    /// <summary>Up to this many eps in the range of the costs exp(-C / eps) is a matrix of normal floats, and plain sweeps need no schedule.</summary>
    private const double RangeWithoutSchedule = 80;

    /// <summary>The first eps as a share of the range of the costs.</summary>
    private const double FirstShare = 0.125;

    /// <summary>Ratio of one eps to the next.</summary>
    private const double Step = 0.25;

    /// <summary>
    /// Most stages before the last, a first eps of 10^12 times the last: potentials of that size keep four digits below the last eps. Costs
    /// beyond are walls that no mass should pay, and potentials spread over their range would not come back.
    /// </summary>
    private const int MostStagesBefore = 20;

    /// <summary>Sweeps of a stage before the last: potentials need only be good enough to start the next one.</summary>
    private const int StageSweeps = 12;

    /// <summary>L1 error at which a stage before the last is good enough.</summary>
    private const double StageTolerance = 0.05;

    /// <summary>The stages down to one eps.</summary>
    /// <param name="epsilon">The last eps.</param>
    /// <param name="range">max C - min C; zero asks for no schedule.</param>
    /// <param name="sweeps">Most sweeps of the last stage.</param>
    /// <param name="tolerance">L1 error of the last stage.</param>
    /// <param name="stages">Receives them, at the end of what it holds.</param>
    public static void Append(double epsilon, double range, long sweeps, double tolerance, List<SinkhornStage> stages)
    {
        int before = 0;
        if (double.IsFinite(range) && range > RangeWithoutSchedule * epsilon)
            before = (int)Math.Min(MostStagesBefore, Math.Ceiling(Math.Log(epsilon / (range * FirstShare)) / Math.Log(Step)));
        for (int stage = before; stage > 0; stage--)
            stages.Add(new SinkhornStage(epsilon / Math.Pow(Step, stage), StageSweeps, Math.Max(StageTolerance, tolerance)));
        stages.Add(new SinkhornStage(epsilon, sweeps, tolerance));
    }
}
