using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The verb CostMatrix: the costs of all pairs of atoms of each problem, by rows.</summary>
internal static unsafe class CostMatrix
{
    private const int PartRows = 64;

    public static void Run<T>(ProblemTable<T> table, ReadOnlySpan<long> offsets, HostBuffer<T> costs, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CostRowsFactory<T> factory = new();
        for (int row = 0; row < table.Rows.Length; row++)
        {
            ProblemRow problem = table.Rows[row];
            long count = (long)problem.Rows * problem.Columns;
            ArgumentOutOfRangeException.ThrowIfNegative(offsets[row], nameof(offsets));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offsets[row], costs.Length - count, nameof(offsets));
            int[] sources = [.. Enumerable.Range(0, problem.Rows)];
            int[] sinks = [.. Enumerable.Range(0, problem.Columns)];
            User<T> user = new(costs.Start + offsets[row], execution);
            factory.Use(table.Geometries[problem.Geometry], sources, sinks, 0, ref user, execution.Cancellation);
        }
    }

    /// <remarks>In bounds: the matrix lies within the buffer, which was checked.</remarks>
    private readonly struct User<T>(T* destination, Execution execution) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _destination = destination;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            int parts = (rows.Rows + PartRows - 1) / PartRows;
            bool large = (long)rows.Rows * rows.Columns >= TableLoop.SpreadFrom;
            PartLoop.Run(parts, large ? Math.Min(execution.Threads, parts) : 1, new PartTask<T, TRows>(rows, _destination, execution.Cancellation));
            execution.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private readonly struct PartTask<T, TRows>(TRows rows, T* destination, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        private readonly T* _destination = destination;

        public void Run(int part, int lane)
        {
            double[] row = new double[rows.Columns];
            int end = Math.Min((part + 1) * PartRows, rows.Rows);
            for (int i = part * PartRows; i < end && !cancellation.IsCancellationRequested; i++)
            {
                CostRowsOperations.CopyRow(rows, i, row);
                T* place = _destination + ((long)i * rows.Columns);
                for (int j = 0; j < row.Length; j++)
                    place[j] = T.CreateTruncating(row[j]);
            }
        }
    }
}
