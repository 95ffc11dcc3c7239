namespace OtEngine.Backends;

/// <summary>Where one problem of <see cref="Backend.SinkhornSweep"/> stands.</summary>
internal enum SinkhornPhase
{
    /// <summary>More sweeps are to come.</summary>
    Running,

    /// <summary>The last stage's tolerance was met by two plain sweeps in a row; to be confirmed in double.</summary>
    Met,

    /// <summary>Out of sweeps.</summary>
    Exhausted,

    /// <summary>So slow that a Newton finish is worth its price; only where the state allows it.</summary>
    Slow,

    /// <summary>No further progress at this precision.</summary>
    Stalled,

    /// <summary>The potentials left the range of numbers.</summary>
    Failed,
}
