namespace OtEngine.Cli.Tests.Formats;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("otengine-test-").FullName;

    public string PathOf(string name) => Path.Combine(_path, name);

    public string[] Files => [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
