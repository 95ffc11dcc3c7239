namespace OtEngine.Cli.Bench;

/// <summary>The limits that timings are compared with, measured in the same run.</summary>
internal abstract class BenchLimits
{
    /// <summary>Whose they are, for headings.</summary>
    public abstract string Owner { get; }

    /// <summary>Measures what does not depend on a row.</summary>
    public abstract void Measure(CancellationToken cancellation);

    /// <summary>All that was measured: a name, a number of units a second, the unit.</summary>
    public abstract IEnumerable<(string Name, double Rate, string Unit)> All();

    /// <summary>The least seconds for some work, and the limit that says so: reading, exp2, multiply-add or tensor cores; NaN and - where nothing is counted.</summary>
    /// <param name="work">Counted.</param>
    /// <param name="isFloat32">Whether its elements are float.</param>
    public abstract (double Seconds, string Limit) Least(in BenchWork work, bool isFloat32);

    /// <summary>The limits of what an engine computes on: its CUDA device, or a core.</summary>
    public static BenchLimits Of(Engine engine) =>
        engine.Begin(1, null, CancellationToken.None).Backend is Cuda.CudaBackend cuda ? new DeviceRates(cuda.Runtime) : new CoreLimits();
}
