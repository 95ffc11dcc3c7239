using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine.Tests;

/// <summary>Engines that live as long as the test run; suites shared between backends make no others, and no backends but by these.</summary>
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

    /// <summary>On the CPU, whatever the others are on.</summary>
    public static Engine Cpu => Default;

    /// <summary>On a backend that is remote: here the CPU, as if it were.</summary>
    public static Engine Remote { get; } = new RemoteCpu().CreateEngine();

    /// <summary>An engine of its own, to be disposed.</summary>
    public static Engine Create(Action<EngineOptions>? configure = null) => Engine.Create(configure);

    /// <summary>A backend of its own, to be disposed.</summary>
    public static Backend CreateBackend() => new CpuBackend();

    /// <summary>A backend that goes along the axes of a grid, however small; to be disposed.</summary>
    public static Backend CreateBackendAlongAxes() => CreateBackend();

    /// <summary>Whether a sweep takes a hundred times what it takes on the CPU, so that what only repeats is tried on less.</summary>
    public static bool IsSlow => false;

    /// <summary>Whether atoms without mass are taken out before anything is summed, so that they change no bit.</summary>
    public static bool TakesMasslessAtomsOut => true;
}
