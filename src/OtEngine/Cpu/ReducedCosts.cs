using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb ReducedCosts, over every arc in double: the most violated arcs, or those of the k smallest reduced costs
/// C_ij - f_i - g_j of each row and each column. Both are sets that the costs alone determine, so that rows may be shared
/// out between threads in any way.
/// </summary>
internal static class ReducedCosts
{
    /// <summary>Parts a row, and a column, is dealt into, to bound its k-th smallest reduced cost; k is at most this.</summary>
    public const int Parts = 64;

    /// <summary>Rows of one task, at least: below, starting a thread takes longer than it saves.</summary>
    private const int MinTaskRows = 256;

    /// <summary>
    /// By row and by column, the arcs of the lowest prices C_ij + slack |C_ij| + columnShift_j - rowShift_i below the limit
    /// of the lists. One pass.
    /// </summary>
    /// <param name="rows">The costs.</param>
    /// <param name="rowShift">One value a row: f, for instance.</param>
    /// <param name="columnShift">One value a column: -g.</param>
    /// <param name="slack">Share of |C| that is added.</param>
    /// <param name="byRow">Receives the arcs of each row; reset by the caller.</param>
    /// <param name="byColumn">Receives the arcs of each column; likewise.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public static void Lowest<TRows>(
        in TRows rows, double[] rowShift, double[] columnShift, double slack, ArcLists byRow, ArcLists byColumn, Execution execution)
        where TRows : struct, ICostRows
    {
        ArcLists[] parts = new ArcLists[Tasks(rows.Rows, execution)];
        parts[0] = byColumn;
        for (int k = 1; k < parts.Length; k++)
            parts[k] = byColumn.CloneEmpty();
        LowestTask<TRows> task = new(rows, rowShift, columnShift, slack, byRow, parts, execution.Cancellation);
        BatchLoop.Run(parts.Length, execution, () => task, static (task, index) => task.Run(index), completes: false);
        for (int k = 1; k < parts.Length; k++)
            byColumn.Take(parts[k]);
    }

    /// <summary>
    /// The arcs of the k smallest reduced costs of each row and of each column, and few others: each row and column is dealt
    /// into 64 parts, and the k-th smallest of their minima bounds its k-th smallest reduced cost. Two passes, no sorting of arcs.
    /// </summary>
    /// <param name="rows">The costs.</param>
    /// <param name="f">One value a row.</param>
    /// <param name="g">One value a column.</param>
    /// <param name="k">Arcs wanted of each row and column, 1 to 64.</param>
    /// <param name="mostPerRow">A row's arcs beyond so many are left out: where reduced costs tie, all of them are below the bound.</param>
    /// <param name="arcs">Receives the arcs, one list a row.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public static void Smallest<TRows>(in TRows rows, double[] f, double[] g, int k, int mostPerRow, ArcTable arcs, Execution execution)
        where TRows : struct, ICostRows
    {
        SmallestTask<TRows> task = new(rows, f, g, k, mostPerRow, arcs, Tasks(rows.Rows, execution), execution.Cancellation);
        BatchLoop.Run(task.Count, execution, () => task, static (task, index) => task.Bound(index), completes: false);
        task.BoundColumns();
        BatchLoop.Run(task.Count, execution, () => task, static (task, index) => task.Select(index), completes: false);
        task.Join();
    }

    private static int Tasks(int rows, Execution execution) => Math.Clamp(rows / MinTaskRows, 1, Math.Min(execution.Threads, Parts));

    private sealed class LowestTask<TRows>(
        TRows rows, double[] rowShift, double[] columnShift, double slack, ArcLists byRow, ArcLists[] byColumn, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        public void Run(int index)
        {
            int end = (int)((long)rows.Rows * (index + 1) / byColumn.Length);
            for (int i = (int)((long)rows.Rows * index / byColumn.Length); i < end; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Scan(rows, i, rowShift[i], columnShift, slack, byRow, byColumn[index]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Scan(TRows rows, int i, double rowShift, double[] columnShift, double slack, ArcLists byRow, ArcLists byColumn)
        {
            int width = Vector512<double>.Count;
            Vector512<double> shift = Vector512.Create(rowShift);
            Vector512<double> slacks = Vector512.Create(slack);
            Vector512<double> rowWorst = Vector512.Create(byRow.Worst[i]);

            // In bounds: both arrays have at least as many elements as there are columns.
            ref double shifts = ref MemoryMarshal.GetArrayDataReference(columnShift);
            ref double columnWorst = ref MemoryMarshal.GetArrayDataReference(byColumn.Worst);
            int j = 0;
            for (; j <= rows.Columns - width; j += width)
            {
                Vector512<double> cost = rows.Load(i, j);
                Vector512<double> price = Vector512.FusedMultiplyAdd(Vector512.Abs(cost), slacks, cost) + Vector512.LoadUnsafe(ref shifts, (nuint)j) - shift;
                Vector512<double> worst = Vector512.MaxNative(rowWorst, Vector512.LoadUnsafe(ref columnWorst, (nuint)j));
                ulong hits = Vector512.LessThan(price, worst).ExtractMostSignificantBits();
                if (hits == 0)
                    continue;
                for (; hits != 0; hits &= hits - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(hits);
                    byRow.Offer(i, price[lane], j + lane);
                    byColumn.Offer(j + lane, price[lane], i);
                }

                rowWorst = Vector512.Create(byRow.Worst[i]);
            }

            for (; j < rows.Columns; j++)
            {
                double cost = rows.Cost(i, j);
                double price = Math.FusedMultiplyAdd(Math.Abs(cost), slack, cost) + columnShift[j] - rowShift;
                byRow.Offer(i, price, j);
                byColumn.Offer(j, price, i);
            }
        }
    }

    private sealed class SmallestTask<TRows>
        where TRows : struct, ICostRows
    {
        private readonly TRows _rows;
        private readonly double[] _f;
        private readonly double[] _g;
        private readonly int _k;
        private readonly int _mostPerRow;
        private readonly ArcTable[] _tables;
        private readonly CancellationToken _cancellation;
        private readonly double[] _rowLimits;
        private readonly double[] _columnLimits;

        /// <summary>Minima of the parts of all columns, part by part: row i lowers part i % 64.</summary>
        private readonly double[] _columnParts;

        public SmallestTask(
            TRows rows, double[] f, double[] g, int k, int mostPerRow, ArcTable arcs, int tasks, CancellationToken cancellation)
        {
            _rows = rows;
            _f = f;
            _g = g;
            _k = k;
            _mostPerRow = Math.Min(mostPerRow, rows.Columns);
            _cancellation = cancellation;
            _tables = new ArcTable[tasks];
            _tables[0] = arcs;
            for (int t = 1; t < tasks; t++)
                _tables[t] = new ArcTable();
            foreach (ArcTable table in _tables)
                table.Clear();
            _rowLimits = new double[rows.Rows];
            _columnLimits = new double[rows.Columns];
            _columnParts = ArrayPool<double>.Shared.Rent(Sizes.Product("The minima of the columns", Parts, rows.Columns, "use fewer atoms"));
            _columnParts.AsSpan().Fill(double.PositiveInfinity);
        }

        public int Count => _tables.Length;

        /// <summary>Bounds rows, and lowers the parts of columns they belong to: a task's parts are its own.</summary>
        public void Bound(int index)
        {
            Span<double> parts = stackalloc double[Parts];
            int endPart = Parts * (index + 1) / _tables.Length;
            for (int part = Parts * index / _tables.Length; part < endPart; part++)
            {
                for (int i = part; i < _rows.Rows; i += Parts)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    parts.Fill(double.PositiveInfinity);
                    Lower(_rows, i, _f[i], _g, parts, _columnParts.AsSpan(part * _rows.Columns, _rows.Columns));
                    _rowLimits[i] = KthSmallest(parts, _k);
                }
            }
        }

        public void BoundColumns()
        {
            Span<double> parts = stackalloc double[Parts];
            for (int j = 0; j < _columnLimits.Length; j++)
            {
                for (int part = 0; part < Parts; part++)
                    parts[part] = _columnParts[(part * _columnLimits.Length) + j];
                _columnLimits[j] = KthSmallest(parts, _k);
            }

            ArrayPool<double>.Shared.Return(_columnParts);
        }

        public void Select(int index)
        {
            int end = (int)((long)_rows.Rows * (index + 1) / _tables.Length);
            int[] columns = new int[_mostPerRow + Vector512<double>.Count];
            double[] costs = new double[columns.Length];
            for (int i = (int)((long)_rows.Rows * index / _tables.Length); i < end; i++)
            {
                _cancellation.ThrowIfCancellationRequested();
                int count = Collect(_rows, i, _f[i], _g, _rowLimits[i], _columnLimits, _mostPerRow, columns, costs);
                _tables[index].Append(columns.AsSpan(0, count), costs.AsSpan(0, count));
            }
        }

        public void Join()
        {
            for (int k = 1; k < _tables.Length; k++)
                _tables[0].Append(_tables[k]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Lower(TRows rows, int i, double f, double[] g, Span<double> parts, Span<double> columnParts)
        {
            int width = Vector512<double>.Count;
            Vector512<double> shift = Vector512.Create(f);

            // In bounds: columnParts and g have an element a column, parts has 64.
            ref double part = ref MemoryMarshal.GetReference(parts);
            ref double column = ref MemoryMarshal.GetReference(columnParts);
            ref double shifts = ref MemoryMarshal.GetArrayDataReference(g);
            int j = 0;
            for (; j <= rows.Columns - width; j += width)
            {
                Vector512<double> reduced = rows.Load(i, j) - Vector512.LoadUnsafe(ref shifts, (nuint)j) - shift;
                nuint place = (nuint)(j % Parts);
                Vector512.MinNative(reduced, Vector512.LoadUnsafe(ref part, place)).StoreUnsafe(ref part, place);
                Vector512.MinNative(reduced, Vector512.LoadUnsafe(ref column, (nuint)j)).StoreUnsafe(ref column, (nuint)j);
            }

            for (; j < rows.Columns; j++)
            {
                double reduced = rows.Cost(i, j) - g[j] - f;
                parts[j % Parts] = Math.Min(reduced, parts[j % Parts]);
                columnParts[j] = Math.Min(reduced, columnParts[j]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Collect(
            TRows rows, int i, double f, double[] g, double rowLimit, double[] columnLimits, int most, int[] columns, double[] costs)
        {
            int width = Vector512<double>.Count;
            Vector512<double> shift = Vector512.Create(f);
            Vector512<double> limit = Vector512.Create(rowLimit);

            // In bounds: both arrays have an element a column; a vector's hits fit behind the last of at most `most` arcs.
            ref double shifts = ref MemoryMarshal.GetArrayDataReference(g);
            ref double limits = ref MemoryMarshal.GetArrayDataReference(columnLimits);
            int count = 0;
            int j = 0;
            for (; j <= rows.Columns - width && count < most; j += width)
            {
                Vector512<double> cost = rows.Load(i, j);
                Vector512<double> reduced = cost - Vector512.LoadUnsafe(ref shifts, (nuint)j) - shift;
                Vector512<double> bound = Vector512.MaxNative(limit, Vector512.LoadUnsafe(ref limits, (nuint)j));
                for (ulong hits = Vector512.LessThanOrEqual(reduced, bound).ExtractMostSignificantBits(); hits != 0; hits &= hits - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(hits);
                    columns[count] = j + lane;
                    costs[count++] = cost[lane];
                }
            }

            for (; j < rows.Columns && count < most; j++)
            {
                double cost = rows.Cost(i, j);
                if (!(cost - g[j] - f <= Math.Max(rowLimit, columnLimits[j])))
                    continue;
                columns[count] = j;
                costs[count++] = cost;
            }

            return Math.Min(count, most);
        }
    }

    /// <summary>The k-th smallest of the minima of the parts, by counting; infinite if fewer parts hold anything.</summary>
    private static double KthSmallest(ReadOnlySpan<double> parts, int k)
    {
        ref double start = ref MemoryMarshal.GetReference(parts);
        double best = double.PositiveInfinity;
        foreach (double candidate in parts)
        {
            // Only a smaller one can still be it; of those, the one that at least k are at most.
            if (!(candidate < best))
                continue;
            Vector512<double> bound = Vector512.Create(candidate);
            int atMost = 0;
            for (nuint place = 0; place < Parts; place += (nuint)Vector512<double>.Count)
                atMost += BitOperations.PopCount(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref start, place), bound).ExtractMostSignificantBits());
            if (atMost >= k)
                best = candidate;
        }

        return best;
    }
}
