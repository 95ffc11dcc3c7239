using System.Globalization;
using System.Numerics;

namespace OtEngine;

/// <summary>Checked arithmetic on sizes: a product is proven to fit before memory is asked for.</summary>
internal static class Sizes
{
    /// <summary>rows x columns as an array length, or a typed error that names the true size.</summary>
    public static int Product(string what, long rows, long columns, string advice)
    {
        BigInteger count = (BigInteger)rows * columns;
        if (count > Array.MaxLength)
            Throw.TooLarge(what, count.ToString(CultureInfo.InvariantCulture), advice);
        return (int)count;
    }

    public static void RequirePositive(int rows, int columns)
    {
        if (rows < 1)
            Throw.OutOfRange("The number of rows", rows, "at least 1");
        if (columns < 1)
            Throw.OutOfRange("The number of columns", columns, "at least 1");
    }
}
