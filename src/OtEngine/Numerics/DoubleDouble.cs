namespace OtEngine;

/// <summary>
/// The unevaluated sum of two doubles, about 106 bits: for running sums of masses, whose small differences are masses
/// again. Source: T. J. Dekker, Numerische Mathematik 18 (1971); D. E. Knuth, TAOCP 2, 4.2.2.
/// </summary>
internal readonly record struct DoubleDouble(double High, double Low) : IComparable<DoubleDouble>
{
    public static implicit operator DoubleDouble(double value) => new(value, 0);

    public static DoubleDouble operator +(DoubleDouble x, double y)
    {
        (double sum, double error) = TwoSum(x.High, y);
        return Renormalize(sum, error + x.Low);
    }

    public static DoubleDouble operator +(DoubleDouble x, DoubleDouble y)
    {
        (double sum, double error) = TwoSum(x.High, y.High);
        (double lowSum, double lowError) = TwoSum(x.Low, y.Low);
        DoubleDouble partial = Renormalize(sum, error + lowSum);
        return Renormalize(partial.High, partial.Low + lowError);
    }

    public static DoubleDouble operator -(DoubleDouble x) => new(-x.High, -x.Low);

    public static DoubleDouble operator -(DoubleDouble x, DoubleDouble y) => x + -y;

    public static DoubleDouble operator *(DoubleDouble x, double y)
    {
        double product = x.High * y;
        double error = Math.FusedMultiplyAdd(x.High, y, -product);
        return Renormalize(product, Math.FusedMultiplyAdd(x.Low, y, error));
    }

    public static DoubleDouble operator /(DoubleDouble x, DoubleDouble y)
    {
        double quotient = x.High / y.High;
        DoubleDouble remainder = x - (y * quotient);
        double correction = remainder.High / y.High;
        remainder -= y * correction;
        return Renormalize(quotient, correction) + (remainder.High / y.High);
    }

    public static bool operator <(DoubleDouble x, DoubleDouble y) => x.CompareTo(y) < 0;

    public static bool operator >(DoubleDouble x, DoubleDouble y) => x.CompareTo(y) > 0;

    public static bool operator <=(DoubleDouble x, DoubleDouble y) => x.CompareTo(y) <= 0;

    public static bool operator >=(DoubleDouble x, DoubleDouble y) => x.CompareTo(y) >= 0;

    /// <summary>x y without rounding.</summary>
    public static DoubleDouble Product(double x, double y)
    {
        double product = x * y;
        return new DoubleDouble(product, Math.FusedMultiplyAdd(x, y, -product));
    }

    public double ToDouble() => High + Low;

    public int CompareTo(DoubleDouble other) => High != other.High ? (High < other.High ? -1 : 1) : Low.CompareTo(other.Low);

    private static (double Sum, double Error) TwoSum(double x, double y)
    {
        double sum = x + y;
        double part = sum - x;
        return (sum, (x - (sum - part)) + (y - part));
    }

    private static DoubleDouble Renormalize(double high, double low)
    {
        double sum = high + low;
        return new DoubleDouble(sum, low - (sum - high));
    }
}
