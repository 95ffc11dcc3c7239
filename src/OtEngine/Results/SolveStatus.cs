namespace OtEngine;

/// <summary>How a solve ended.</summary>
public enum SolveStatus
{
    /// <summary>The answer meets the solver's tolerance, measured on exactly the state that is returned.</summary>
    Converged,

    /// <summary>The iteration bound was hit; the answer is the best state reached and its errors say how good it is.</summary>
    MaxIterations,

    /// <summary>No further progress is possible in this precision, and the tolerance is not met.</summary>
    Stalled,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The numbers left the representable range; the message of the result advises.</summary>
    NumericalFailure,
}
