using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>Reads the files of tests/data, which are copied beside the test assembly; tests/generate/README.md describes them.</summary>
public static class OracleFile
{
    private static readonly Lazy<IReadOnlyList<ExactCase>> ExactCases = Lazily("exact.json", ExactCase.Read);
    private static readonly Lazy<IReadOnlyList<EntropicCase>> EntropicCases = Lazily("entropic.json", EntropicCase.Read);
    private static readonly Lazy<IReadOnlyList<AssignmentCase>> AssignmentCases = Lazily("assignment.json", AssignmentCase.Read);
    private static readonly Lazy<IReadOnlyList<OneDimensionalCase>> LineCases = Lazily("line.json", OneDimensionalCase.Read);
    private static readonly Lazy<IReadOnlyList<OneDimensionalCase>> CircleCases = Lazily("circle.json", OneDimensionalCase.Read);
    private static readonly Lazy<IReadOnlyList<TransformCase>> TransformsCases = Lazily("transforms.json", TransformCase.Read);
    private static readonly Lazy<IReadOnlyList<ReferenceCase>> ReferenceCases = Lazily("reference-cases.json", ReferenceCase.Read);

    /// <summary>500 balanced transport problems with their exact values.</summary>
    public static IReadOnlyList<ExactCase> Exact => ExactCases.Value;

    /// <summary>70 entropic transport problems with their values and potentials.</summary>
    public static IReadOnlyList<EntropicCase> Entropic => EntropicCases.Value;

    /// <summary>500 assignment problems with SciPy's indices.</summary>
    public static IReadOnlyList<AssignmentCase> Assignment => AssignmentCases.Value;

    /// <summary>100 pairs of measures on the line.</summary>
    public static IReadOnlyList<OneDimensionalCase> Line => LineCases.Value;

    /// <summary>100 pairs of measures on the circle of length 1.</summary>
    public static IReadOnlyList<OneDimensionalCase> Circle => CircleCases.Value;

    /// <summary>Unique plans with their barycentric maps, and c-transforms at new points.</summary>
    public static IReadOnlyList<TransformCase> Transforms => TransformsCases.Value;

    /// <summary>The exact, entropic, assignment, line, circle, sliced and gw-entropic cases of the design's reference file.</summary>
    public static IReadOnlyList<ReferenceCase> Reference => ReferenceCases.Value;

    private static Lazy<IReadOnlyList<T>> Lazily<T>(string file, Func<JsonElement, T> read) => new(() =>
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "data", file)));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(read)];
    });
}
