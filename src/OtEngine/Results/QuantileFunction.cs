using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// The quantile function of a weighted sample: F^-1(u) = inf { x : F(x) >= u }, F the distribution function scaled to unit
/// mass. At u = 0 it is the leftmost point with mass.
/// </summary>
public sealed class QuantileFunction
{
    private readonly double[] _positions;
    private readonly DoubleDouble[] _ends;

    internal QuantileFunction(LineSide side)
    {
        LineSide massive = side.WithoutMassless();
        _positions = massive.Positions;
        _ends = new DoubleDouble[massive.Count];
        DoubleDouble end = 0;
        for (int k = 0; k < _ends.Length; k++)
            _ends[k] = end += massive.Weight(k);
    }

    /// <summary>F^-1(u), in time logarithmic in the number of points.</summary>
    /// <param name="u">Level, from 0 to 1.</param>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: u is outside [0, 1] or NaN.</exception>
    public double At(double u)
    {
        if (!(u >= 0 && u <= 1))
            Throw.OutOfRange("The level u", u, "0 to 1");
        int index = Array.BinarySearch(_ends, _ends[^1] * u);
        return _positions[Math.Min(index < 0 ? ~index : index, _positions.Length - 1)];
    }
}
