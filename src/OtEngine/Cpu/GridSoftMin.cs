using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb GridSoftMin: along one axis of a grid, result_i = log2 sum_j 2^(e_ij + value_j), or max_j (e_ij + value_j) where the axis is
/// hard, for every line of the grid along that axis. With e = -C log2 e / eps and values g log2 e / eps + log2 b, one axis after the other
/// gives -f log2 e / eps of the soft c-transform f; a value of minus infinity leaves a cell out.
/// </summary>
/// <remarks>
/// The powers of the values, shifted by the largest of their line, are multiplied by a matrix of powers: one exp a cell, not one a pair.
/// Where a sum is so small that terms may have been dropped, it is taken again with a shift of its own. Values that are not finite
/// stay so, and NaN comes of NaN alone. Tiles are a partition of the lines by their number, and lines do not meet: the same bits for any
/// number of threads.
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

    /// <summary>Doubles of one lane: inputs, their powers and largest, and outputs rounded up.</summary>
    private static long ScratchLength(GridAxis axis, int width) => ((2L * axis.Inputs) + 1 + axis.Outputs + GridTiles.Together) * width;

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
            double* results = largest + width;
            Gather(first, count, tile);
            GridTiles.Peaks(tile, n, width, largest);
            if (!axis.Hard)
                GridTiles.Powers(tile, n, width, largest, powers);
            for (int i = 0; i < axis.Outputs && !cancellation.IsCancellationRequested; i += GridTiles.Together)
            {
                double* exponents = axis.Exponents + ((long)i * n);
                double* result = results + ((long)i * width);
                if (axis.Hard)
                {
                    GridTiles.Maxima(exponents, n, tile, width, largest, result);
                    continue;
                }

                GridTiles.Sums(axis.Powers + ((long)i * n), n, powers, width, result);
                for (int r = i; r < Math.Min(i + GridTiles.Together, axis.Outputs); r++)
                    GridTiles.Logarithms(results + ((long)r * width), width, largest, axis.Peaks[r], axis.Exponents + ((long)r * n), n, tile);
            }

            Scatter(first, count, results);
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
