using OtEngine.Backends;

namespace OtEngine.Tests;

/// <summary>What a verb runs under when a test calls it without an engine.</summary>
internal static class TestExecution
{
    public static Execution On(Backend backend, int threads = 1) => new(backend, threads, 1 << 28, null, CancellationToken.None);
}
