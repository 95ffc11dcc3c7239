namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>A reader under test, what to feed it, and what it may take.</summary>
/// <param name="Name">The reader's name, for reports.</param>
/// <param name="Seeds">Sound inputs, which the reader must accept.</param>
/// <param name="Words">Pieces of text that mean something to the format.</param>
/// <param name="Read">Reads one input; only <see cref="Cli.Formats.InputFileException"/> may escape.</param>
/// <param name="AllowedBytes">The most bytes a reader may allocate for an input of a length.</param>
/// <param name="Wrap">Makes a file of a mutated input, such as one with right check values; the input itself if null.</param>
internal sealed record FuzzTarget(
    string Name,
    IReadOnlyList<byte[]> Seeds,
    IReadOnlyList<string> Words,
    Action<byte[]> Read,
    Func<int, long> AllowedBytes,
    Func<byte[], byte[]>? Wrap = null);
