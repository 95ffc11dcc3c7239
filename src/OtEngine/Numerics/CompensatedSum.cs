namespace OtEngine;

/// <summary>
/// Neumaier's compensated summation: the error of n additions stays near one rounding of the result as long as n eps is
/// far below one. Source: A. Neumaier, ZAMM 54 (1974).
/// </summary>
internal struct CompensatedSum
{
    private double _sum;
    private double _compensation;

    public readonly double Value => double.IsFinite(_sum) ? _sum + _compensation : _sum;

    public void Add(double term)
    {
        double sum = _sum + term;
        _compensation += Math.Abs(_sum) >= Math.Abs(term) ? (_sum - sum) + term : (term - sum) + _sum;
        _sum = sum;
    }

    /// <summary>Adds x y with the rounding error of the product included.</summary>
    public void AddProduct(double x, double y)
    {
        double product = x * y;
        Add(product);
        if (double.IsFinite(product))
            _compensation += Math.FusedMultiplyAdd(x, y, -product);
    }
}
