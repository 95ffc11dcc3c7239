using System.Globalization;
using System.Text.RegularExpressions;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>An entry as PTX declares it: the bytes of each parameter and the most threads of a block.</summary>
internal sealed record PtxEntry(string Name, IReadOnlyList<int> ParameterBytes, int Threads);

/// <summary>What a file of PTX says of itself.</summary>
internal sealed partial class PtxModule
{
    public PtxModule(string text)
    {
        Match heading = Heading().Match(text);
        Family = heading.Groups["family"].Value;
        Architecture = heading.Groups["architecture"].Value;
        Hash = heading.Groups["hash"].Value;
        Version = VersionLine().Match(text).Groups["version"].Value;
        Entries = [.. Entry().Matches(text).Select(Read)];
    }

    public string Family { get; }

    public string Architecture { get; }

    public string Hash { get; }

    /// <summary>The version of the language, which decides the least driver.</summary>
    public string Version { get; }

    public IReadOnlyList<PtxEntry> Entries { get; }

    private static PtxEntry Read(Match entry) => new(
        entry.Groups["name"].Value,
        [.. Parameter().Matches(entry.Groups["parameters"].Value).Select(parameter => parameter.Groups["count"] is { Success: true } count
            ? Number(count.Value)
            : Number(parameter.Groups["bits"].Value) / 8)],
        Bound().Match(entry.Groups["bounds"].Value) is { Success: true } bound ? Number(bound.Groups["threads"].Value) : 0);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A// OtEngine (?<family>\w+) (?<architecture>\w+) sources sha256:(?<hash>[0-9a-f]{64})\n", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\.version (?<version>[0-9.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"\.visible \.entry (?<name>\w+)\((?<parameters>[^)]*)\)(?<bounds>[^{]*)\{", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param (\.align \d+ )?\.[a-z]+(?<bits>\d+) \w+(\[(?<count>\d+)\])?", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.maxntid (?<threads>\d+), 1, 1", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Bound();
}
