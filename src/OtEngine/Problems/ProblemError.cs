namespace OtEngine;

/// <summary>What is wrong with an input that was refused; see <see cref="ProblemException"/>.</summary>
public enum ProblemError
{
    /// <summary>A side of the problem has no atoms, or points have no coordinates.</summary>
    Empty,

    /// <summary>Two inputs that must agree in length or shape do not.</summary>
    ShapeMismatch,

    /// <summary>A value is NaN or infinite where a finite one is needed.</summary>
    NotFinite,

    /// <summary>A weight is negative.</summary>
    NegativeWeight,

    /// <summary>All weights of a side are zero.</summary>
    ZeroMass,

    /// <summary>The two sides of a balanced problem have different totals.</summary>
    UnequalTotals,

    /// <summary>A product of sizes exceeds what can be addressed; nothing was allocated.</summary>
    TooLarge,

    /// <summary>A destination overlaps an input or another destination.</summary>
    Overlap,

    /// <summary>The allowed arcs cannot carry the masses.</summary>
    Infeasible,

    /// <summary>A parameter lies outside its allowed range.</summary>
    OutOfRange,

    /// <summary>The element type is neither <see cref="float"/> nor <see cref="double"/>, or a feature does not apply to this input.</summary>
    Unsupported,
}
