using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// One axis of a separable cost as <see cref="GridSoftMin"/> reads it, in one direction: exponents e_ij for the pairs of an output i and
/// an input j along the axis, their maxima by row, and, unless only maxima are asked for, the matrix 2^(e_ij - max_j e_ij). Kept from
/// problem to problem, and filled again only when something changes. Where the exponents of a row differ so much that one shift for all of
/// them may not do, there is a second matrix with a shift for each block of inputs.
/// </summary>
/// <remarks>In bounds: rows are rounded up to <see cref="GridTiles.Together"/>, and the rows of the padding are zero.</remarks>
internal sealed unsafe class GridAxis : IDisposable
{
    /// <summary>Inputs of a block: one exp more for so many products, and the exponents of neighbours are seldom far apart.</summary>
    public const int BlockLength = 16;

    /// <summary>Exponents of a row that differ by no more than this are never the reason for a sum below 2^-400, with lines of the same kind.</summary>
    private const double SpreadOfOneShift = 100;

    private readonly ScratchBuffer<double> _memory = new();
    private readonly ScratchBuffer<double> _blockMemory = new();
    private double[]? _costs;
    private double _scale;
    private GridAxisUse _use;
    private bool _transposed;

    /// <summary>Cells of this axis on the side that is transformed.</summary>
    public int Inputs { get; private set; }

    /// <summary>Cells of this axis on the side of the answer.</summary>
    public int Outputs { get; private set; }

    /// <summary>Whether the transform takes maxima in place of sums.</summary>
    public bool Hard => _use == GridAxisUse.Hard;

    /// <summary>e_ij, row-major, one row an output.</summary>
    public double* Exponents { get; private set; }

    /// <summary>max_j e_ij.</summary>
    public double* Peaks { get; private set; }

    /// <summary>2^(e_ij - max_j e_ij), zero where that is below 2^<see cref="GridTiles.Dropped"/>; not filled if hard.</summary>
    public double* Powers { get; private set; }

    /// <summary>Bytes of native memory held.</summary>
    public long HeldBytes => _memory.Bytes + _blockMemory.Bytes;

    /// <summary>Blocks of inputs; 0 where there is no second matrix.</summary>
    public int Blocks { get; private set; }

    /// <summary>Largest e_ij of each row and block.</summary>
    public double* BlockPeaks { get; private set; }

    /// <summary>2^(e_ij - largest of its row and block), zero where that is below 2^<see cref="GridTiles.Dropped"/>.</summary>
    public double* BlockPowers { get; private set; }

    public void Dispose()
    {
        _memory.Dispose();
        _blockMemory.Dispose();
    }

    /// <summary>Reads the costs of an axis.</summary>
    /// <param name="costs">n_a x n_b costs, row-major; never changed while this axis keeps them.</param>
    /// <param name="rows">n_a.</param>
    /// <param name="transposed">Whether inputs are the rows, and not the columns.</param>
    /// <param name="scale">log2 e / eps.</param>
    /// <param name="use">What the exponents are.</param>
    /// <param name="cancellation">Watched at every row.</param>
    public void Read(double[] costs, int rows, bool transposed, double scale, GridAxisUse use, CancellationToken cancellation)
    {
        if (ReferenceEquals(_costs, costs) && _scale == scale && _use == use && _transposed == transposed)
            return;
        _costs = null;
        int columns = costs.Length / rows;
        (Outputs, Inputs) = transposed ? (columns, rows) : (rows, columns);
        long padded = ((long)Outputs + GridTiles.Together - 1) / GridTiles.Together * GridTiles.Together;
        long size = padded * Inputs;
        Exponents = _memory.Take((use == GridAxisUse.Hard ? size : 2 * size) + padded + Vector512<double>.Count);
        Peaks = Exponents + size;
        Powers = Peaks + padded;
        double least = use == GridAxisUse.Weighted ? TensorPrimitives.Min<double>(costs) : 0;
        double spread = 0;
        for (int i = 0; i < Outputs; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            double* row = Exponents + ((long)i * Inputs);
            double peak = double.NegativeInfinity;
            double lowest = double.PositiveInfinity;
            for (int j = 0; j < Inputs; j++)
            {
                double cost = transposed ? costs[(j * columns) + i] : costs[(i * columns) + j];
                row[j] = use == GridAxisUse.Weighted ? Math.Log2(cost - least) - (scale * cost) : -scale * cost;
                peak = Math.Max(peak, row[j]);
                lowest = Math.Min(lowest, row[j]);
            }

            Peaks[i] = peak;
            spread = Math.Max(spread, peak - lowest);
        }

        for (long k = (long)Outputs * Inputs; k < size; k++)
            Exponents[k] = double.NegativeInfinity;
        if (use != GridAxisUse.Hard)
            FillPowers(padded, cancellation);
        Blocks = 0;
        if (use != GridAxisUse.Hard && spread > SpreadOfOneShift && Inputs > BlockLength)
            FillBlocks(padded, cancellation);
        _use = use;
        _scale = scale;
        _transposed = transposed;
        _costs = costs;
    }

    private void FillPowers(long paddedRows, CancellationToken cancellation)
    {
        // The last vector of a row runs into the next one, which is filled after it, or into the slack at the end.
        for (long i = 0; i < paddedRows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Vector512<double> peak = Vector512.Create(i < Outputs && double.IsFinite(Peaks[i]) ? Peaks[i] : 0);
            for (long k = i * Inputs; k < (i + 1) * Inputs; k += Vector512<double>.Count)
                GridTiles.Power(Vector512.Load(Exponents + k) - peak).Store(Powers + k);
        }
    }

    private void FillBlocks(long paddedRows, CancellationToken cancellation)
    {
        int blocks = (Inputs + BlockLength - 1) / BlockLength;
        BlockPowers = _blockMemory.Take((paddedRows * (Inputs + blocks)) + Vector512<double>.Count);
        BlockPeaks = BlockPowers + (paddedRows * Inputs) + Vector512<double>.Count;
        for (long i = 0; i < paddedRows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int block = 0; block < blocks; block++)
            {
                // As in FillPowers, a vector may run into what is filled after it.
                int first = block * BlockLength;
                int end = Math.Min(first + BlockLength, Inputs);
                double* exponents = Exponents + (i * Inputs);
                double peak = double.NegativeInfinity;
                for (int j = first; j < end; j++)
                    peak = Math.Max(peak, exponents[j]);
                Vector512<double> shift = Vector512.Create(double.IsFinite(peak) ? peak : 0);
                for (int j = first; j < end; j += Vector512<double>.Count)
                    GridTiles.Power(Vector512.Load(exponents + j) - shift).Store(BlockPowers + (i * Inputs) + j);
                BlockPeaks[(i * blocks) + block] = peak;
            }
        }

        Blocks = blocks;
    }
}
