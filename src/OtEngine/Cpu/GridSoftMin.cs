using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb GridSoftMin: along one axis of a grid, result_i = log2 sum_j 2^(e_ij + value_j), or max_j (e_ij + value_j) where the axis is
/// hard, for every line of the grid along that axis. With e = -C log2 e / eps and values g log2 e / eps + log2 b, one axis after the other
/// gives -f log2 e / eps of the soft c-transform f; a value of minus infinity leaves a cell out.
/// </summary>
/// <remarks>
/// The powers of the values, shifted by the largest of their line, are multiplied by a matrix of powers: one exp a cell, not one a pair.
/// Where a sum is so small that terms may have been dropped, the rest of the tile goes by blocks of inputs, with a shift for each, and a
/// sum that is too small even then is taken again in the log domain, over the blocks that count. Values that are not finite stay so, and
/// NaN comes of NaN alone. Tiles are a partition of the lines by their number alone: the same bits for any number of threads.
/// </remarks>
internal static unsafe class GridSoftMin
{
    /// <summary>Inputs and outputs that are transposed together: one cache line of each of eight lines.</summary>
    private const int Block = 8;

    /// <summary>Transforms one axis of an array of outer x inputs x inner values into one of outer x outputs x inner.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="source">outer x inputs x inner values.</param>
    /// <param name="destination">Receives outer x outputs x inner values; not the source.</param>
    /// <param name="outer">Product of the lengths of the axes before.</param>
    /// <param name="inner">Product of the lengths of the axes after.</param>
    /// <param name="scratch">Memory to work in.</param>
    /// <param name="lanes">Threads.</param>
    /// <param name="cancellation">Watched at every few rows of a tile; the caller throws.</param>
    public static void Run(
        GridAxis axis,
        ReadOnlySpan<double> source,
        Span<double> destination,
        int outer,
        int inner,
        ScratchBuffer<double> scratch,
        int lanes,
        CancellationToken cancellation)
    {
        // Every address below is that of a cell of the one array or of the other; a slice that is too long throws.
        int lines = checked(outer * inner);
        source = source[..checked(lines * axis.Inputs)];
        destination = destination[..checked(lines * axis.Outputs)];
        int tiles = 1 + ((lines - 1) / GridTiles.Lines);
        lanes = Math.Min(lanes, tiles);
        int width = Math.Min(GridTiles.Lines, (lines + Block - 1) / Block * Block);
        double* memory = scratch.Take(lanes * ScratchLength(axis, width));
        fixed (double* from = source, to = destination)
            PartLoop.Run(tiles, lanes, new TileTask(axis, from, to, inner, lines, width, memory, cancellation));
    }

    /// <summary>Doubles of one lane, as <see cref="TileTask.Run"/> deals them out.</summary>
    private static long ScratchLength(GridAxis axis, int width) =>
        ((2L * axis.Inputs) + 1 + axis.Blocks + axis.Outputs + (3 * GridTiles.Together)) * width;

    private readonly struct TileTask(
        GridAxis axis, double* source, double* destination, int inner, int lines, int width, double* scratch, CancellationToken cancellation) : IPartTask
    {
        private readonly double* _source = source;
        private readonly double* _destination = destination;
        private readonly double* _scratch = scratch;

        public void Run(int part, int lane)
        {
            int n = axis.Inputs;
            int first = part * GridTiles.Lines;
            int count = Math.Min(GridTiles.Lines, lines - first);
            double* tile = _scratch + (lane * ScratchLength(axis, width));
            double* powers = tile + ((long)n * width);
            double* largest = powers + ((long)n * width);
            double* blockLargest = largest + width;
            double* bases = blockLargest + ((long)axis.Blocks * width);
            double* room = bases + ((long)GridTiles.Together * width);
            double* results = room + ((long)GridTiles.Together * width);
            Gather(first, count, tile);
            GridTiles.Peaks(tile, n, width, largest);
            if (axis.Hard)
                Maximise(tile, largest, results);
            else
                Sum(tile, powers, largest, blockLargest, bases, room, results);
            Scatter(first, count, results);
        }

        private void Maximise(double* tile, double* largest, double* results)
        {
            for (int i = 0; i < axis.Outputs && !cancellation.IsCancellationRequested; i += GridTiles.Together)
                GridTiles.Maxima(axis.Exponents + ((long)i * axis.Inputs), axis.Inputs, tile, width, largest, results + ((long)i * width));
        }

        private void Sum(double* tile, double* powers, double* largest, double* blockLargest, double* bases, double* room, double* results)
        {
            int n = axis.Inputs;
            bool byBlocks = false;
            GridTiles.Powers(tile, n, width, largest, powers);
            for (int i = 0; i < axis.Outputs && !cancellation.IsCancellationRequested; i += GridTiles.Together)
            {
                int rows = Math.Min(GridTiles.Together, axis.Outputs - i);
                double* result = results + ((long)i * width);
                if (!byBlocks)
                {
                    GridTiles.Sums(axis.Powers + ((long)i * n), n, n, powers, width, result);
                    GridTiles.Bases(largest, axis.Peaks + i, width, bases);
                    byBlocks = axis.Blocks > 0 && !GridLogarithms.AreTrusted(result, rows, width, largest);
                    if (byBlocks)
                        ShiftBlocks(tile, blockLargest, powers);
                }

                if (byBlocks)
                    GridTiles.BlockSums(axis, i, powers, blockLargest, width, result, bases, room);
                for (int r = 0; r < rows; r++)
                {
                    long at = (long)r * width;
                    GridLogarithms.Take(axis, i + r, result + at, width, largest, bases + at, tile, byBlocks ? blockLargest : null);
                }
            }
        }

        /// <summary>The powers of the values again, shifted by the largest of their line and block.</summary>
        private void ShiftBlocks(double* tile, double* blockLargest, double* powers)
        {
            for (int block = 0; block < axis.Blocks; block++)
            {
                int first = block * GridAxis.BlockLength;
                int count = Math.Min(GridAxis.BlockLength, axis.Inputs - first);
                double* start = tile + ((long)first * width);
                double* largest = blockLargest + ((long)block * width);
                GridTiles.Peaks(start, count, width, largest);
                GridTiles.Powers(start, count, width, largest, powers + ((long)first * width));
            }
        }

        /// <summary>Puts lines side by side; what is left of the width is minus infinity.</summary>
        private void Gather(int first, int count, double* tile)
        {
            int n = axis.Inputs;
            for (int l = 0; l < count; l += RunAt(first, count, l))
            {
                int run = RunAt(first, count, l);
                double* start = _source + Start(first + l, n);
                if (inner == 1)
                    Transpose(start, n, tile + l, width, run, n);
                for (int j = 0; j < n && inner > 1; j++)
                    Row(start + ((long)j * inner), run).CopyTo(Row(tile + ((long)j * width) + l, run));
            }

            for (int j = 0; j < n && count < width; j++)
                Row(tile + ((long)j * width) + count, width - count).Fill(double.NegativeInfinity);
        }

        private void Scatter(int first, int count, double* results)
        {
            int m = axis.Outputs;
            for (int l = 0; l < count; l += RunAt(first, count, l))
            {
                int run = RunAt(first, count, l);
                double* start = _destination + Start(first + l, m);
                if (inner == 1)
                    Transpose(results + l, width, start, m, m, run);
                for (int i = 0; i < m && inner > 1; i++)
                    Row(results + ((long)i * width) + l, run).CopyTo(Row(start + ((long)i * inner), run));
            }
        }

        /// <summary>Lines from one on that lie evenly in memory: side by side, or, along the last axis, one after another.</summary>
        private int RunAt(int first, int count, int l) => inner == 1 ? count : Math.Min(count - l, inner - ((first + l) % inner));

        /// <summary>Where a line starts in an array whose axis has so many cells.</summary>
        private long Start(int line, int length) => ((long)(line / inner) * length * inner) + (line % inner);

        private static Span<double> Row(double* start, int length) => new(start, length);

        private static void Transpose(double* from, int fromStride, double* to, int toStride, int rows, int columns)
        {
            for (int j = 0; j < columns; j += Block)
            {
                for (int i = 0; i < rows; i++)
                {
                    double* row = from + ((long)i * fromStride);
                    for (int k = j; k < Math.Min(j + Block, columns); k++)
                        to[((long)k * toStride) + i] = row[k];
                }
            }
        }
    }
}
