namespace OtEngine.Tests;

/// <summary>Engines that live as long as the test run.</summary>
internal static class Engines
{
    /// <summary>Default options.</summary>
    public static Engine Default { get; } = Engine.Create();

    /// <summary>One thread.</summary>
    public static Engine SingleThreaded { get; } = Engine.Create(o => o.Threads = 1);

    /// <summary>Two threads.</summary>
    public static Engine TwoThreads { get; } = Engine.Create(o => o.Threads = 2);

    /// <summary>Costs of points are never stored.</summary>
    public static Engine Unstored { get; } = Engine.Create(o => o.CostMatrixBudget = 0);

    /// <summary>Seven threads, whatever the machine has.</summary>
    public static Engine SevenThreads { get; } = Engine.Create(o => o.Threads = 7);
}
