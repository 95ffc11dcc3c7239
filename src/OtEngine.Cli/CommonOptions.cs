using System.CommandLine;
using System.Globalization;

namespace OtEngine.Cli;

/// <summary>The options that every command takes.</summary>
internal sealed class CommonOptions
{
    public Option<string> Dtype { get; } = OptionKinds.Word(
        "--dtype", "Element type of the computation.", "float32|float64", "float64", text =>
            text is "float32" or "float64" ? (text, null) : (text, "float32 or float64 is needed"));

    public Option<string> Device { get; } = OptionKinds.Word(
        "--device", "Where to compute; auto takes a CUDA device for exact of many atoms, sinkhorn, gromov, sliced, assign, verify and bench if there is one, and the CPU for the rest.", "auto|cpu|cuda|cuda:1", "auto", text =>
            text is "auto" or "cpu" or "cuda" || IsCudaDevice(text) ? (text, null) : (text, "auto, cpu, cuda or cuda:1 is needed"));

    public Option<long?> Threads { get; } =
        OptionKinds.Integer("--threads", "Threads to use; never changes a result. Default: all processors.", 1, 1024);

    public Option<long?> Seed { get; } =
        OptionKinds.Integer("--seed", "Seed of everything random. Default: 0.", 0, int.MaxValue);

    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object instead of a table." };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Print the headline number alone; no progress." };

    public Option<double?> Timeout { get; } = OptionKinds.Number(
        "--timeout", "Stop after so many seconds: status cancelled, exit code 1.", seconds => seconds > 0 && seconds <= 1e6, "a number of seconds above 0, at most 1000000,");

    /// <summary>Adds the options to the root, from where they reach every command.</summary>
    public void AddTo(RootCommand root)
    {
        foreach (Option option in (Option[])[Dtype, Device, Threads, Seed, Json, Quiet, Timeout])
        {
            option.Recursive = true;
            root.Options.Add(option);
        }
    }

    private static bool IsCudaDevice(string text) =>
        text.StartsWith("cuda:", StringComparison.Ordinal)
        && int.TryParse(text.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
