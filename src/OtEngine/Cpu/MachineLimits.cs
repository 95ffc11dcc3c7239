using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// What one core of this machine can do at most, measured by loops that do nothing else: shares of these are what timings are quoted
/// as. Each is the best of many short trials, since a limit that other work disturbed would flatter.
/// </summary>
/// <remarks>In bounds: the loops walk whole vectors of the buffers that they are given, whose lengths are multiples of <see cref="Step"/> bytes.</remarks>
internal static unsafe class MachineLimits
{
    private const int Step = 1024;
    private const int CachedBytes = 16 << 10;
    private static readonly TimeSpan Trials = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Trial = TimeSpan.FromMilliseconds(1);

    /// <summary>Bytes copied a second from one block of memory to another; a byte that is read and written counts once.</summary>
    /// <param name="bytes">Size of the block.</param>
    public static double CopiedBytes(long bytes)
    {
        bytes = WholeSteps(bytes);
        using AlignedMemory source = Touched(bytes), destination = Touched(bytes);
        return Best(bytes, () => Buffer.MemoryCopy((void*)source.DangerousGetHandle(), (void*)destination.DangerousGetHandle(), bytes, bytes));
    }

    /// <summary>Bytes read a second from one block of memory, again and again: of a cache where the block fits one.</summary>
    /// <param name="bytes">Size of the block.</param>
    public static double ReadBytes(long bytes)
    {
        bytes = WholeSteps(bytes);
        using AlignedMemory block = Touched(bytes);
        return Best(bytes, () => Read((float*)block.DangerousGetHandle(), bytes / sizeof(float)));
    }

    /// <summary>Results of <see cref="VectorMath.Exp2{T}"/> a second, on arguments in the first cache.</summary>
    public static double Exponentials<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using AlignedMemory block = Touched(CachedBytes);
        int count = CachedBytes / sizeof(T);
        return Best(count, () => Exponentials((T*)block.DangerousGetHandle(), count));
    }

    /// <summary>Fused multiply-adds a second, on registers; an addition or a multiplication alone takes as long.</summary>
    public static double MultiplyAdds<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Rounds = 1000;
        return Best(Rounds * 12L * Vector512<T>.Count, () => MultiplyAdds<T>(Rounds));
    }

    private static long WholeSteps(long bytes) => (bytes + Step - 1) / Step * Step;

    // Pages that nobody has written to all show the same memory.
    private static AlignedMemory Touched(long bytes)
    {
        AlignedMemory block = new(bytes);
        NativeMemory.Fill((void*)block.DangerousGetHandle(), (nuint)bytes, 1);
        return block;
    }

    private static double Best(double units, Action loop)
    {
        loop();
        long repeats = 1;
        double best = 0;
        long start = Stopwatch.GetTimestamp();
        while (best == 0 || Stopwatch.GetElapsedTime(start) < Trials)
        {
            long trial = Stopwatch.GetTimestamp();
            for (long k = 0; k < repeats; k++)
                loop();
            TimeSpan time = Stopwatch.GetElapsedTime(trial);

            // A shorter trial would measure the clock.
            if (time < Trial)
                repeats *= 2;
            else
                best = Math.Max(best, units * repeats / time.TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Read(float* block, long count)
    {
        int width = Vector512<float>.Count;
        Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (long k = 0; k < count; k += 8 * width)
        {
            s0 += Vector512.Load(block + k);
            s1 += Vector512.Load(block + k + width);
            s2 += Vector512.Load(block + k + (2 * width));
            s3 += Vector512.Load(block + k + (3 * width));
            s4 += Vector512.Load(block + k + (4 * width));
            s5 += Vector512.Load(block + k + (5 * width));
            s6 += Vector512.Load(block + k + (6 * width));
            s7 += Vector512.Load(block + k + (7 * width));
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + (s4 + s5 + s6 + s7));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Exponentials<T>(T* block, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // 2^x - 2 leads every argument to a cycle within [-2, 0], far from denormals.
        Vector512<T> two = Vector512.Create(T.CreateChecked(2));
        for (int k = 0; k < count; k += 2 * Vector512<T>.Count)
        {
            (VectorMath.Exp2(Vector512.Load(block + k)) - two).Store(block + k);
            (VectorMath.Exp2(Vector512.Load(block + k + Vector512<T>.Count)) - two).Store(block + k + Vector512<T>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static T MultiplyAdds<T>(int rounds)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> factor = Vector512.Create(T.CreateChecked(0.5));
        Vector512<T> s0 = Vector512<T>.One, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
        for (int round = 0; round < rounds; round++)
        {
            s0 = VectorMath.FusedMultiplyAdd(s0, factor, factor);
            s1 = VectorMath.FusedMultiplyAdd(s1, factor, factor);
            s2 = VectorMath.FusedMultiplyAdd(s2, factor, factor);
            s3 = VectorMath.FusedMultiplyAdd(s3, factor, factor);
            s4 = VectorMath.FusedMultiplyAdd(s4, factor, factor);
            s5 = VectorMath.FusedMultiplyAdd(s5, factor, factor);
            s6 = VectorMath.FusedMultiplyAdd(s6, factor, factor);
            s7 = VectorMath.FusedMultiplyAdd(s7, factor, factor);
            s8 = VectorMath.FusedMultiplyAdd(s8, factor, factor);
            s9 = VectorMath.FusedMultiplyAdd(s9, factor, factor);
            s10 = VectorMath.FusedMultiplyAdd(s10, factor, factor);
            s11 = VectorMath.FusedMultiplyAdd(s11, factor, factor);
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + (s4 + s5 + s6 + s7) + (s8 + s9 + s10 + s11));
    }
}
