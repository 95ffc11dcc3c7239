using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The verb GromovGradient: one pass over the rows of all problems, in parts of <see cref="PartRows"/>. Nothing is joined across rows.</summary>
/// <remarks>In bounds: matrices of n x m lie within their buffers, and vectors within theirs, which is checked.</remarks>
internal static unsafe class GromovGradient
{
    private const int PartRows = 16;

    public static void Run<T>(
        ProblemTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        HostBuffer<double> constants,
        HostBuffer<T> plans,
        HostBuffer<T> features,
        HostBuffer<T> gradients,
        HostBuffer<double> sums,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GromovRow.RequireWithin(table, rows, Math.Min(plans.Length, gradients.Length), features.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.PotentialCount, Math.Min(constants.Length, sums.Length / GromovSums.Count), nameof(table));
        int[] parts = new int[rows.Length + 1];
        long entries = 0;
        for (int k = 0; k < rows.Length; k++)
        {
            ProblemRow problem = table.Rows[rows[k].Problem];
            long count = (long)problem.Rows * problem.Columns;
            parts[k + 1] = checked(parts[k] + ((problem.Rows + PartRows - 1) / PartRows));
            entries += count;
        }

        int lanes = entries < TableLoop.SpreadFrom / 4 ? 1 : Math.Clamp(execution.Threads, 1, Math.Max(parts[^1], 1));
        PartLoop.Run(
            parts[^1],
            lanes,
            new PartTask<T>(table, rows.ToArray(), parts, constants.Start, plans.Start, features.Start, gradients.Start, sums.Start, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    private readonly struct PartTask<T>(
        ProblemTable<T> table,
        GromovRow[] rows,
        int[] parts,
        double* constants,
        T* plans,
        T* features,
        T* gradients,
        double* sums,
        CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly double* _constants = constants;
        private readonly T* _plans = plans;
        private readonly T* _features = features;
        private readonly T* _gradients = gradients;
        private readonly double* _sums = sums;

        public void Run(int part, int lane)
        {
            int place = Array.BinarySearch(parts, part);
            place = place < 0 ? ~place - 1 : place;
            GromovRow row = rows[place];
            ProblemRow problem = table.Rows[row.Problem];
            int end = Math.Min((part - parts[place] + 1) * PartRows, problem.Rows);
            for (int i = (part - parts[place]) * PartRows; i < end && !cancellation.IsCancellationRequested; i++)
            {
                long at = (long)i * problem.Columns;
                GromovRows.Gradient(
                    _gradients + row.Matrix + at,
                    _plans + row.Matrix + at,
                    row.HasFeatures != 0 ? _features + row.Features + at : null,
                    problem.Columns,
                    _constants[problem.PotentialsA + i],
                    _constants + problem.PotentialsB,
                    row.Factor,
                    row.FeatureFactor,
                    _sums + problem.PotentialsA + i,
                    table.PotentialCount);
            }
        }
    }
}
