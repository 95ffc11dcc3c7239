using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>A plan held as its nonzero entries in row-major order: what exact solvers return, at most n + m - 1 entries.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SparsePlan<T> : TransportPlan<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly double[] _rowMass;
    private PlanEntry[]? _entries;

    /// <summary>Takes entries in strictly increasing row-major order, all masses positive.</summary>
    internal SparsePlan(int rows, int columns, PlanEntry[] entries)
        : base(rows, columns)
    {
        _entries = entries;
        _rowMass = new double[rows];
        CompensatedSum total = default;
        foreach (PlanEntry entry in entries)
        {
            _rowMass[entry.Row] += entry.Mass;
            total.Add(entry.Mass);
        }

        Mass = total.Value;
    }

    /// <summary>Sum of all entries.</summary>
    public double Mass { get; }

    /// <summary>The entries, in row-major order.</summary>
    /// <exception cref="ObjectDisposedException">The plan was disposed.</exception>
    public ReadOnlyMemory<PlanEntry> Entries => Live;

    private PlanEntry[] Live => _entries ?? throw new ObjectDisposedException(nameof(SparsePlan<>));

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<T> values, Span<T> destination) => Multiply(values, Columns, destination, Rows, transposed: false);

    /// <inheritdoc/>
    public override void ApplyTransposed(ReadOnlySpan<T> values, Span<T> destination) => Multiply(values, Rows, destination, Columns, transposed: true);

    /// <inheritdoc/>
    public override Tensor<T> Materialize()
    {
        T[] dense = new T[Sizes.Product("The dense plan", Rows, Columns, "use the entries")];
        foreach (PlanEntry entry in Live)
            dense[(entry.Row * Columns) + entry.Column] = T.CreateTruncating(entry.Mass);
        return Tensor.Create(dense, [Rows, Columns]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PlanEntry> ToSparse(double threshold = 0)
    {
        if (!(threshold >= 0))
            Throw.OutOfRange("The threshold", threshold, "at least 0");
        return threshold == 0 ? Array.AsReadOnly(Live) : Array.AsReadOnly(Array.FindAll(Live, entry => entry.Mass > threshold));
    }

    /// <inheritdoc/>
    public override (int Row, int Column)[] Sample(Random random, int count)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PlanEntry[] entries = Live;
        double[] cumulative = new double[entries.Length];
        CompensatedSum running = default;
        for (int k = 0; k < entries.Length; k++)
        {
            running.Add(entries[k].Mass);
            cumulative[k] = running.Value;
        }

        (int Row, int Column)[] pairs = new (int Row, int Column)[count];
        for (int s = 0; s < count; s++)
        {
            // The first entry whose cumulative mass exceeds the draw; entries have positive mass, so the sums increase.
            int index = Array.BinarySearch(cumulative, random.NextDouble() * Mass);
            PlanEntry entry = entries[Math.Min(index >= 0 ? index + 1 : ~index, entries.Length - 1)];
            pairs[s] = (entry.Row, entry.Column);
        }

        return pairs;
    }

    /// <inheritdoc/>
    public override void Barycentric(ReadOnlySpan<T> y, int dimension, Span<T> destination)
    {
        PlanEntry[] entries = Live;
        if (dimension < 1)
            Throw.OutOfRange("The dimension", dimension, "at least 1");
        RequireLength("y", y.Length, (long)Columns * dimension);
        RequireLength("The destination", destination.Length, (long)Rows * dimension);
        Validate.NoOverlap<T, T>("The destination", destination, "y", y);
        double[] image = new double[dimension];
        int k = 0;
        for (int row = 0; row < Rows; row++)
        {
            Array.Clear(image);
            for (; k < entries.Length && entries[k].Row == row; k++)
            {
                double share = entries[k].Mass / _rowMass[row];
                for (int c = 0; c < dimension; c++)
                    image[c] += share * double.CreateTruncating(y[(entries[k].Column * dimension) + c]);
            }

            for (int c = 0; c < dimension; c++)
                destination[(row * dimension) + c] = _rowMass[row] > 0 ? T.CreateTruncating(image[c]) : T.NaN;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _entries = null;

    private static void RequireLength(string what, long actual, long expected)
    {
        if (actual != expected)
            Throw.ShapeMismatch(what, actual, expected, "as the plan's shape asks");
    }

    private void Multiply(ReadOnlySpan<T> values, int valueCount, Span<T> destination, int destinationCount, bool transposed)
    {
        RequireLength("The values", values.Length, valueCount);
        RequireLength("The destination", destination.Length, destinationCount);
        Validate.NoOverlap<T, T>("The destination", destination, "the values", values);
        double[] sums = new double[destinationCount];
        foreach (PlanEntry entry in Live)
        {
            (int to, int from) = transposed ? (entry.Column, entry.Row) : (entry.Row, entry.Column);
            sums[to] += entry.Mass * double.CreateTruncating(values[from]);
        }

        for (int i = 0; i < sums.Length; i++)
            destination[i] = T.CreateTruncating(sums[i]);
    }
}
