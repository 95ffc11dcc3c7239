using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>What <see cref="Backend.SinkhornSweep"/> keeps of one problem between sweeps, in backend memory. Blittable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SinkhornState
{
    /// <summary>A <see cref="SinkhornPhase"/>.</summary>
    public SinkhornPhase Phase;

    /// <summary>Index of the current stage.</summary>
    public int Stage;

    /// <summary>Index of the first stage.</summary>
    public int FirstStage;

    /// <summary>Index of the last stage.</summary>
    public int LastStage;

    /// <summary>Nonzero where over-relaxation is allowed.</summary>
    public int Relax;

    /// <summary>Nonzero where the phase Slow is allowed.</summary>
    public int HandOver;

    /// <summary>How often the tolerance was met by the sums of sweeps and not in double; each time the last stage aims at half of it.</summary>
    public int Retries;

    /// <summary>Nonzero before the first sweep where there are no potentials to start from: they become hard c-transforms of zero.</summary>
    public int Cold;

    /// <summary>Nonzero where scalings left the range in which problems on one geometry share exp(-C / eps): it goes on by itself.</summary>
    public int Alone;

    /// <summary>Plain sweeps in a row, this stage.</summary>
    public int PlainSweeps;

    /// <summary>Sweeps since the error of the window was taken.</summary>
    public int WindowSweeps;

    /// <summary>Windows in a row without progress.</summary>
    public int IdleWindows;

    /// <summary>Full sweeps so far, all stages.</summary>
    public long Sweeps;

    /// <summary>Full sweeps of the current stage.</summary>
    public long StageSweeps;

    /// <summary>Most sweeps over all stages.</summary>
    public long SweepLimit;

    /// <summary>Relaxation of the next sweep, 1 to 2.</summary>
    public double Omega;

    /// <summary>The relaxation to go back to if plain sweeps do not confirm that the tolerance is met; 1 if none is waiting.</summary>
    public double ParkedOmega;

    /// <summary>Relaxed sweeps try to confirm below this share of the tolerance; halved whenever they did not.</summary>
    public double TrialShare;

    /// <summary>Largest relaxation still trusted; lowered whenever the error grew.</summary>
    public double OmegaLimit;

    /// <summary>Observed contraction of the error per sweep.</summary>
    public double Rate;

    /// <summary>Error at the beginning of the window.</summary>
    public double WindowError;

    /// <summary>An error below this may be the precision's floor, and standing still there is stalling; above it is only slow.</summary>
    public double Floor;

    /// <summary>Least error of the last stage so far.</summary>
    public double BestError;

    /// <summary>sum_i a_i |r_i - 1| of the state before the last sweep.</summary>
    public double ErrorA;

    /// <summary>sum_j b_j |c_j - 1| half way through the last sweep, between the two updates.</summary>
    public double ErrorB;
}
