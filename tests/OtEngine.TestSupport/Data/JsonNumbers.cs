using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>Numbers and arrays of an oracle file: whole numbers times a power of two, exact in a double.</summary>
internal static class JsonNumbers
{
    public static string Text(this JsonElement problem, string name) => problem.GetProperty(name).GetString()!;

    public static int Exponent(this JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    public static double Number(this JsonElement problem, string name, double absent) =>
        problem.TryGetProperty(name, out var value) ? value.GetDouble() : absent;

    /// <summary>A vector, or the rows of a matrix one after the other; null entries become <paramref name="forNull"/>.</summary>
    public static double[] Numbers(this JsonElement problem, string name, int exponent = 0, double forNull = double.NaN) =>
        [.. Flat(problem.GetProperty(name)).Select(v => v.ValueKind == JsonValueKind.Null ? forNull : Math.ScaleB(v.GetDouble(), exponent))];

    public static int[] Indices(this JsonElement problem, string name) =>
        [.. problem.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];

    /// <summary>The length of the first row, 1 for a vector.</summary>
    public static int Columns(this JsonElement problem, string name)
    {
        var array = problem.GetProperty(name);
        return array.GetArrayLength() > 0 && array[0].ValueKind == JsonValueKind.Array ? array[0].GetArrayLength() : 1;
    }

    private static IEnumerable<JsonElement> Flat(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Flat) : [element];
}
