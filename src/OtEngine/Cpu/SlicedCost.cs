using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SlicedCost: each direction of each row on one lane, so that neither threads nor neighbours change a bit. A direction projects both
/// clouds, sorts them and walks along the two running sums of mass, in memory of the lane linear in n + m.
/// </summary>
internal static class SlicedCost
{
    public static void Run<T>(ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        int[] parts = new int[rows.Length + 1];
        int largestA = 0;
        int largestB = 0;
        for (int k = 0; k < rows.Length; k++)
        {
            rows[k].RequireWithin(buffers);
            parts[k + 1] = checked(parts[k] + rows[k].Directions);
            largestA = Math.Max(largestA, rows[k].A.Count);
            largestB = Math.Max(largestB, rows[k].B.Count);
        }

        int lanes = Math.Clamp(execution.Threads, 1, Math.Max(parts[^1], 1));
        SlicedLane<T>[] memory = new SlicedLane<T>[lanes];
        for (int lane = 0; lane < lanes; lane++)
            memory[lane] = new SlicedLane<T>(largestA, largestB);
        PartLoop.Run(parts[^1], lanes, new PartTask<T>(rows.ToArray(), parts, memory, order, buffers, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    private readonly struct PartTask<T>(
        SlicedRow[] rows, int[] parts, SlicedLane<T>[] memory, double order, SlicedBuffers<T> buffers, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(int part, int lane)
        {
            if (cancellation.IsCancellationRequested)
                return;

            // The last of the rows that begin at this part: those before it have no directions.
            int number = Array.BinarySearch(parts, part);
            number = number < 0 ? ~number - 1 : number;
            while (parts[number + 1] == part)
                number++;
            memory[lane].Run(rows[number], part - parts[number], order, buffers);
        }
    }
}
