namespace OtEngine.Cpu;

/// <summary>Work on one part of a problem, by one lane; must not throw: on cancellation it returns, and the caller of the loop throws.</summary>
internal interface IPartTask
{
    void Run(int part, int lane);
}

/// <summary>
/// Goes through the parts of one problem on some lanes, each a thread with memory of its own. Parts are computed from their own data,
/// so the number of lanes changes no bit. One lane runs on the calling thread and allocates nothing.
/// </summary>
internal static class PartLoop
{
    public static void Run<TTask>(int parts, int lanes, in TTask task)
        where TTask : struct, IPartTask
    {
        if (lanes == 1)
        {
            for (int part = 0; part < parts; part++)
                task.Run(part, 0);
        }
        else
        {
            RunOnThreads(parts, lanes, task);
        }
    }

    private static void RunOnThreads<TTask>(int parts, int lanes, TTask task)
        where TTask : struct, IPartTask
    {
        int next = -1;
        Parallel.For(0, lanes, new ParallelOptions { MaxDegreeOfParallelism = lanes }, lane =>
        {
            for (int part = Interlocked.Increment(ref next); part < parts; part = Interlocked.Increment(ref next))
                task.Run(part, lane);
        });
    }
}
