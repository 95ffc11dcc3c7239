namespace OtEngine.Tests;

/// <summary>Engines that live as long as the test run.</summary>
internal static class Engines
{
    /// <summary>Default options.</summary>
    public static Engine Default { get; } = Engine.Create();

    /// <summary>One thread.</summary>
    public static Engine SingleThreaded { get; } = Engine.Create(o => o.Threads = 1);

    /// <summary>Seven threads, whatever the machine has.</summary>
    public static Engine SevenThreads { get; } = Engine.Create(o => o.Threads = 7);
}
