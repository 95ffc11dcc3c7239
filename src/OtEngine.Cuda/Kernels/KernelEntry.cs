using System.Collections.Concurrent;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// An entry of a kernel file as its launcher knows it: family, name without the element type, threads a block, size of its arguments. All of
/// them are listed, so that a test can compare them with the PTX.
/// </summary>
internal abstract class KernelEntry
{
    private static readonly ConcurrentBag<KernelEntry> Listed = [];

    protected KernelEntry(string family, string name, int threads, int argumentBytes, bool isTyped)
    {
        IsTyped = isTyped;
        Family = family;
        Name = name;
        Threads = threads;
        ArgumentBytes = argumentBytes;
        Listed.Add(this);
    }

    public static IReadOnlyCollection<KernelEntry> All => Listed;

    public string Family { get; }

    public string Name { get; }

    public int Threads { get; }

    public int ArgumentBytes { get; }

    /// <summary>Whether there is one for float (name_f32) and one for double (name_f64), or one for both.</summary>
    public bool IsTyped { get; }
}

/// <summary>The same with the type of its arguments.</summary>
internal sealed unsafe class KernelEntry<TArguments>(string family, string name, int threads, bool isTyped = true)
    : KernelEntry(family, name, threads, sizeof(TArguments), isTyped)
    where TArguments : unmanaged
{
    private readonly string _single = isTyped ? name + "_f32" : name;
    private readonly string _double = isTyped ? name + "_f64" : name;

    /// <summary>Queues a launch for elements of T.</summary>
    public void Launch<T>(CudaRuntime runtime, CudaStream stream, long grid, in TArguments arguments, int sharedBytes = 0, bool cooperative = false)
        where T : unmanaged => stream.Launch(Function<T>(runtime), grid, Threads, sharedBytes, arguments, cooperative);

    public CudaFunction Function<T>(CudaRuntime runtime)
        where T : unmanaged => runtime.Function(Family, typeof(T) == typeof(float) ? _single : _double);
}
