using System.Runtime.InteropServices;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>Measures what the device can do at most, by kernels/limits.cu: each kernel is given more work until it runs long enough to be timed.</summary>
internal static class Limits
{
    private const string Family = "limits";
    private const int ChainsOfAThread = 8;
    private const int ThreadsOfAWarp = 32;

    /// <summary>Of a product of matrices 16 x 8 and 8 x 8, which a warp makes.</summary>
    private const int MultiplyAddsOfAProduct = 16 * 8 * 8;
    private const int BytesOfAGroup = 16;
    private const int BlocksOfAMultiprocessor = 16;
    private const double LongEnoughMilliseconds = 4;
    private const int Repeats = 5;

    // Beyond every cache: four times that of the largest devices.
    private const long MostBytes = 512L << 20;
    private static readonly KernelEntry<LimitsArguments> CopyEntry = new(Family, "ot_limits_copy_f32", Tuning.LimitsThreads, isTyped: false);
    private static readonly KernelEntry<LimitsArguments> Exp2Entry = new(Family, "ot_limits_exp2", Tuning.LimitsThreads);
    private static readonly KernelEntry<LimitsArguments> FmaEntry = new(Family, "ot_limits_fma", Tuning.LimitsThreads);
    private static readonly KernelEntry<LimitsArguments> ProductsEntry = new(Family, "ot_limits_products", Tuning.LimitsThreads, isTyped: false);

    /// <summary>Bytes a second of a copy on the device, read and written ones together.</summary>
    /// <param name="runtime">The device.</param>
    /// <param name="bytes">Receives the size of the copy.</param>
    public static double CopiedBytes(CudaRuntime runtime, out long bytes)
    {
        long most = Math.Min(MostBytes, runtime.Limits.TotalMemory / 8) / BytesOfAGroup;
        using CudaBuffer<byte> source = runtime.Allocate<byte>(most * BytesOfAGroup);
        using CudaBuffer<byte> destination = runtime.Allocate<byte>(most * BytesOfAGroup);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Clear(source, 0, source.Length);
        LimitsArguments arguments = new() { Source = source.Address, Destination = destination.Address };
        (long count, double seconds) = Grow(runtime, lease.Stream, 1 << 14, most, groups => CopyEntry.Launch<float>(
            runtime, lease.Stream, Blocks(runtime), arguments with { Count = groups }));
        bytes = count * BytesOfAGroup;
        return 2.0 * bytes / seconds;
    }

    /// <summary>Powers of two a second.</summary>
    public static double Exponentials<T>(CudaRuntime runtime)
        where T : unmanaged => (double)ChainsOfAThread * Rounds<T>(runtime, Exp2Entry);

    /// <summary>Fused multiply-adds a second.</summary>
    public static double MultiplyAdds<T>(CudaRuntime runtime)
        where T : unmanaged => (double)ChainsOfAThread * Rounds<T>(runtime, FmaEntry);

    /// <summary>Multiply-adds a second of products on tensor cores, by the instruction that the other kernels use (mma.sync in TF32); NaN where there are none.</summary>
    public static double ProductMultiplyAdds(CudaRuntime runtime) => runtime.Limits.Capability >= Tuning.TensorCoresFrom
        ? (double)ChainsOfAThread * MultiplyAddsOfAProduct / ThreadsOfAWarp * Rounds<float>(runtime, ProductsEntry)
        : double.NaN;

    /// <summary>What the copy makes of some values, a multiple of four; for verification.</summary>
    public static float[] Copied(CudaRuntime runtime, ReadOnlySpan<float> values)
    {
        using CudaBuffer<float> source = runtime.Allocate<float>(values.Length);
        using CudaBuffer<float> destination = runtime.Allocate<float>(values.Length);
        source.CopyFrom(values, 0);
        using StreamLease lease = runtime.Rent();
        LimitsArguments arguments = new() { Source = source.Address, Destination = destination.Address, Count = values.Length / 4 };
        CopyEntry.Launch<float>(runtime, lease.Stream, 2, arguments);
        lease.Stream.Synchronize();
        float[] copied = new float[values.Length];
        destination.CopyTo(copied, 0);
        return copied;
    }

    /// <summary>The sum of each thread's chains after some rounds, of two blocks; for verification.</summary>
    /// <param name="runtime">The device.</param>
    /// <param name="powers">Chains of powers of two, or of multiply-adds.</param>
    /// <param name="rounds">Rounds.</param>
    public static T[] Chained<T>(CudaRuntime runtime, bool powers, int rounds)
        where T : unmanaged => Chained<T>(runtime, powers ? Exp2Entry : FmaEntry, rounds);

    /// <summary>The same of products on tensor cores, which the device must have.</summary>
    public static float[] ProductsChained(CudaRuntime runtime, int rounds) => Chained<float>(runtime, ProductsEntry, rounds);

    private static T[] Chained<T>(CudaRuntime runtime, KernelEntry<LimitsArguments> entry, int rounds)
        where T : unmanaged
    {
        const int Blocks = 2;
        using CudaBuffer<T> results = runtime.Allocate<T>(Blocks * Tuning.LimitsThreads);
        using StreamLease lease = runtime.Rent();
        entry.Launch<T>(runtime, lease.Stream, Blocks, new LimitsArguments { Destination = results.Address, Rounds = rounds });
        lease.Stream.Synchronize();
        T[] found = new T[results.Length];
        results.CopyTo(found, 0);
        return found;
    }

    /// <summary>Rounds a second, of all threads together.</summary>
    private static double Rounds<T>(CudaRuntime runtime, KernelEntry<LimitsArguments> entry)
        where T : unmanaged
    {
        long threads = Blocks(runtime) * Tuning.LimitsThreads;
        using CudaBuffer<T> results = runtime.Allocate<T>(threads);
        using StreamLease lease = runtime.Rent();
        (long rounds, double seconds) = Grow(runtime, lease.Stream, 1, long.MaxValue / 2, count => entry.Launch<T>(
            runtime, lease.Stream, Blocks(runtime), new LimitsArguments { Destination = results.Address, Rounds = count }));
        return (double)rounds * threads / seconds;
    }

    private static long Blocks(CudaRuntime runtime) => (long)BlocksOfAMultiprocessor * runtime.Limits.Multiprocessors;

    /// <summary>Doubles the work until it takes long enough or is the most there may be; then the least time of a few launches.</summary>
    private static (long Work, double Seconds) Grow(CudaRuntime runtime, CudaStream stream, long work, long most, Action<long> launch)
    {
        using CudaEvent before = new(runtime.Context);
        using CudaEvent after = new(runtime.Context);
        launch(work);
        double milliseconds = Time(work);
        while (milliseconds < LongEnoughMilliseconds && work < most)
        {
            work = Math.Min(2 * work, most);
            milliseconds = Time(work);
        }

        for (int repeat = 1; repeat < Repeats; repeat++)
            milliseconds = Math.Min(milliseconds, Time(work));
        return (work, milliseconds / 1e3);

        double Time(long amount)
        {
            stream.Record(before);
            launch(amount);
            stream.Record(after);
            return after.MillisecondsSince(before);
        }
    }
}

/// <summary>As struct limits_arguments of kernels/limits.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LimitsArguments
{
    public ulong Source { get; init; }

    public ulong Destination { get; init; }

    public long Count { get; init; }

    public long Rounds { get; init; }
}
