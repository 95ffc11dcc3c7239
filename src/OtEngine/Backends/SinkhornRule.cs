namespace OtEngine.Backends;

/// <summary>
/// What follows a sweep: the one state machine for relaxation, stages and stopping, the same on every backend.
/// </summary>
/// <remarks>
/// The error watched is that of side a: after a plain sweep side b is exact. Plain sweeps are counted in windows; the
/// contraction theta of a window gives omega = 2 / (1 + sqrt(1 - theta)), which makes the rate omega - 1 (Young's theory of
/// successive over-relaxation; the contraction per plain sweep is the square of the Jacobi radius). While relaxed, an
/// observed rate rho above omega - 1 says that theta was underestimated: (rho + omega - 1)^2 = omega^2 theta rho. An error
/// that grows by more than <see cref="Growth"/> over the least of the window goes back to plain sweeps and lowers the limit of omega.
/// A stage ends at its tolerance or limit; the last one is met by two plain sweeps in a row below the tolerance, so that both
/// marginals are right.
/// Source: D. M. Young, Iterative Solution of Large Linear Systems (1971), ch. 6; for Sinkhorn: A. Thibault, L. Chizat,
/// C. Dossal, N. Papadakis, Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal transport, Algorithms 14 (2021).
/// </remarks>
internal static class SinkhornRule
{
    /// <summary>Sweeps over which a contraction is measured: shorter ones still see the fast modes.</summary>
    public const int Window = 20;

    /// <summary>Rates below this are not worth relaxing.</summary>
    private const double FastRate = 0.4;

    /// <summary>An error this many times the window's is a failed relaxation.</summary>
    private const double Growth = 8;

    /// <summary>
    /// Rates above this, with many sweeps to go, call for Newton. Relaxed sweeps contract by 0.93 to 0.96 on problems that Newton does not
    /// finish sooner (500 x 400, eps = 0.001 mean C: 14 ms relaxed, 40 ms with Newton at 0.9; at 0.0003: 92 and 56 ms).
    /// </summary>
    private const double SlowRate = 0.97;

    /// <summary>
    /// Sweeps that are not measured after a change of omega or eps: the error of side a means another thing while side b is not exact, and
    /// jumps.
    /// </summary>
    private const int Settling = 4;

    /// <summary>
    /// Plain sweeps that confirm, or do not, what relaxed ones said: errors of relaxed sweeps are smaller than those of the plain state, by up
    /// to 1 / (2 - omega).
    /// </summary>
    private const int TrialSweeps = 3;

    private const double LeastTrialShare = 1.0 / 1024;

    private const double MostSweepsToGo = 300;

    /// <summary>Sweeps of the last stage that omega takes to settle.</summary>
    private const long LeastSweeps = 200;

    /// <summary>Above this error Newton steps are too long to be taken whole.</summary>
    private const double NewtonError = 0.02;

    /// <summary>Failures never lower the limit of omega below this.</summary>
    private const double FirstLimit = 1.5;

    private const int MostIdleWindows = 4;

    /// <summary>A window that gains less than this factor is idle.</summary>
    private const double IdleGain = 0.98;

    /// <summary>A fresh state at the first of a run of stages.</summary>
    public static SinkhornState Begin(int firstStage, int lastStage, long sweepLimit, bool cold, bool relax, bool handOver, double floor) => new()
    {
        Phase = sweepLimit > 0 ? SinkhornPhase.Running : SinkhornPhase.Exhausted,
        Stage = sweepLimit == 1 ? lastStage : firstStage,
        FirstStage = firstStage,
        LastStage = lastStage,
        SweepLimit = sweepLimit,
        Cold = cold ? 1 : 0,
        Relax = relax ? 1 : 0,
        HandOver = handOver ? 1 : 0,
        Floor = floor,
        Omega = 1,
        ParkedOmega = 1,
        TrialShare = 1,
        OmegaLimit = 1.999,
        Rate = double.NaN,
        WindowError = double.NaN,
        WindowSweeps = -Settling,
        BestError = double.PositiveInfinity,
        ErrorA = double.PositiveInfinity,
        ErrorB = double.PositiveInfinity,
    };

    /// <summary>Takes note of a sweep.</summary>
    /// <param name="state">The problem's state; <see cref="SinkhornState.Omega"/> is that of the sweep done.</param>
    /// <param name="stage">Its current stage.</param>
    /// <param name="errorA">Error of side a before the sweep.</param>
    /// <param name="errorB">Error of side b between its two updates.</param>
    public static void Advance(ref SinkhornState state, in SinkhornStage stage, double errorA, double errorB)
    {
        state.Sweeps++;
        state.StageSweeps++;
        state.PlainSweeps = state.Omega == 1 ? state.PlainSweeps + 1 : 0;
        (state.ErrorA, state.ErrorB) = (errorA, errorB);
        bool last = state.Stage == state.LastStage;
        if (double.IsNaN(errorA) || double.IsNaN(errorB))
        {
            state.Phase = SinkhornPhase.Failed;
            return;
        }

        double goal = last ? stage.Tolerance / (1 << state.Retries) : stage.Tolerance;
        goal *= last && state.Omega > 1 ? state.TrialShare : 1;
        if (errorA <= goal && errorB <= goal && goal > 0)
        {
            if (!last)
                NextStage(ref state);
            else if (state.PlainSweeps >= 2 || (state.PlainSweeps == 1 && state.Sweeps == 1))
                state.Phase = SinkhornPhase.Met;
            else if (state.Omega > 1)
                (state.ParkedOmega, state.Omega) = (state.Omega, 1);
        }
        else if (last && state.ParkedOmega > 1 && state.PlainSweeps >= TrialSweeps)
        {
            // Side b is exact now, and side a is not what it seemed: on, to smaller errors, at the relaxation that had been found.
            (state.Omega, state.ParkedOmega) = (state.ParkedOmega, 1);
            state.TrialShare = Math.Max(state.TrialShare / 2, LeastTrialShare);
            OpenWindow(ref state, Settling);
        }
        else if (last && state.ParkedOmega > 1)
        {
            OpenWindow(ref state, Settling);
        }
        else if (state.StageSweeps >= stage.SweepLimit && !last)
        {
            NextStage(ref state);
        }
        else
        {
            Relax(ref state, stage, last);
        }

        // The last sweep is one at the last eps: the plan of potentials that a larger one left may be beyond all numbers.
        if (state.Stage < state.LastStage && state.Sweeps == state.SweepLimit - 1)
        {
            NextStage(ref state);
            state.Stage = state.LastStage;
        }

        if (state.Phase is SinkhornPhase.Running or SinkhornPhase.Slow && state.Sweeps >= state.SweepLimit)
            state.Phase = SinkhornPhase.Exhausted;
    }

    /// <summary>Sends a problem on whose errors, measured in double, are not what its own sums said: to half the tolerance of before.</summary>
    public static void Retry(ref SinkhornState state)
    {
        state.Phase = state.Sweeps < state.SweepLimit ? SinkhornPhase.Running : SinkhornPhase.Exhausted;
        state.Retries++;
        state.PlainSweeps = 0;
    }

    /// <summary>Takes a slow problem back from Newton.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="iterations">Iterations that Newton did; they count as sweeps.</param>
    /// <param name="met">Whether it reached its goal; if not, it is not asked again.</param>
    public static void Resume(ref SinkhornState state, long iterations, bool met)
    {
        state.Sweeps += iterations;
        state.Phase = met ? SinkhornPhase.Met
            : state.Sweeps < state.SweepLimit ? SinkhornPhase.Running
            : SinkhornPhase.Exhausted;
        state.HandOver = met ? state.HandOver : 0;
        state.PlainSweeps = 0;
        state.Omega = 1;
        state.ParkedOmega = 1;
        state.IdleWindows = 0;
        OpenWindow(ref state, Settling);
    }

    private static void NextStage(ref SinkhornState state)
    {
        state.Stage++;
        state.StageSweeps = 0;
        state.PlainSweeps = 0;
        OpenWindow(ref state, Settling);
        state.Omega = 1;
        state.ParkedOmega = 1;
        state.TrialShare = 1;
        state.Rate = double.NaN;
        state.BestError = double.PositiveInfinity;
    }

    private static void Relax(ref SinkhornState state, in SinkhornStage stage, bool last)
    {
        double error = state.ErrorA;
        state.WindowSweeps++;
        if (state.WindowSweeps <= 0 || double.IsNaN(state.WindowError) || !double.IsFinite(error))
        {
            state.WindowError = error;
            return;
        }

        if (state.Omega > 1 && error > Growth * state.WindowError)
        {
            state.Omega = Lowered(state.Omega);
            state.OmegaLimit = Math.Max(state.Omega, FirstLimit);
            OpenWindow(ref state, Settling);
            return;
        }

        if (state.WindowSweeps < Window)
            return;
        double rate = Math.Pow(error / state.WindowError, 1.0 / state.WindowSweeps);
        state.Rate = rate;
        if (last && stage.Tolerance > 0)
            Judge(ref state, stage, rate);
        double omega = state.Relax != 0 ? NextOmega(state.Omega, rate, state.OmegaLimit) : 1;
        OpenWindow(ref state, omega == state.Omega ? 0 : Settling);
        state.Omega = omega;
    }

    private static double NextOmega(double omega, double rate, double limit)
    {
        if (omega > 1 && rate >= 1)
            return Lowered(omega);
        double theta = rate;
        if (omega > 1)
        {
            if (rate <= omega - 1)
                return omega;
            double root = (rate + omega - 1) / omega;
            theta = root * root / rate;
        }

        if (!(theta > FastRate))
            return omega;

        // A rate over one window is a noisy thing: the distance to two is at most halved.
        double next = 2 / (1 + Math.Sqrt(Math.Max(1 - theta, 0)));
        return omega > 1 ? Math.Min(limit, Math.Min(next, 1 + (omega / 2))) : Math.Min(limit, next);
    }

    /// <summary>Twice the distance to two, or plain.</summary>
    private static double Lowered(double omega) => Math.Max(1, 2 - (2 * (2 - omega)));

    /// <summary>Whether the last stage goes on: it may stand still at the precision's floor, or be slow enough for Newton.</summary>
    private static void Judge(ref SinkhornState state, in SinkhornStage stage, double rate)
    {
        state.IdleWindows = state.ErrorA > IdleGain * state.BestError ? state.IdleWindows + 1 : 0;
        state.BestError = Math.Min(state.BestError, state.ErrorA);
        if (state.IdleWindows >= MostIdleWindows && state.ErrorA < state.Floor)
        {
            state.Phase = SinkhornPhase.Stalled;
            return;
        }

        double sweepsToGo = rate < 1 ? Math.Log(stage.Tolerance / state.ErrorA) / Math.Log(rate) : double.PositiveInfinity;
        if (state.HandOver != 0 && state.StageSweeps > LeastSweeps && rate > SlowRate && state.ErrorA < NewtonError && sweepsToGo > MostSweepsToGo)
            state.Phase = SinkhornPhase.Slow;
    }

    /// <summary>The window begins with the error after so many more sweeps.</summary>
    private static void OpenWindow(ref SinkhornState state, int after)
    {
        state.WindowSweeps = -after;
        state.WindowError = after == 0 ? state.ErrorA : double.NaN;
    }
}
