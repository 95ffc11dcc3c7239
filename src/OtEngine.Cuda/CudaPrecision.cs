namespace OtEngine;

/// <summary>How float problems on points may be computed on tensor cores. Double problems are always computed in double.</summary>
public enum CudaPrecision
{
    /// <summary>Results as good as float arithmetic gives: direct differences, or products split so that no digit of a float is lost.</summary>
    Strict,

    /// <summary>Products in TF32, whose 11 bits cost a few per cent of small entries of the plan.</summary>
    Fast,
}
