using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>A plan held as its matrix, row-major: what solvers return whose plan is no formula of its potentials. Sums are in double.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class DensePlan<T> : TransportPlan<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private T[]? _masses;

    internal DensePlan(int rows, int columns, T[] masses)
        : base(rows, columns) => _masses = masses;

    private T[] Live => _masses ?? throw new ObjectDisposedException(nameof(DensePlan<>));

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<T> values, Span<T> destination)
    {
        RequireLength("The values", values.Length, Columns);
        RequireLength("The destination", destination.Length, Rows);
        Validate.NoOverlap<T, T>("The destination", destination, "the values", values);
        for (int i = 0; i < Rows; i++)
        {
            ReadOnlySpan<T> row = Row(i);
            double sum = 0;
            for (int j = 0; j < row.Length; j++)
                sum += double.CreateTruncating(row[j]) * double.CreateTruncating(values[j]);
            destination[i] = T.CreateTruncating(sum);
        }
    }

    /// <inheritdoc/>
    public override void ApplyTransposed(ReadOnlySpan<T> values, Span<T> destination)
    {
        RequireLength("The values", values.Length, Rows);
        RequireLength("The destination", destination.Length, Columns);
        Validate.NoOverlap<T, T>("The destination", destination, "the values", values);
        double[] sums = new double[Columns];
        for (int i = 0; i < Rows; i++)
        {
            ReadOnlySpan<T> row = Row(i);
            double value = double.CreateTruncating(values[i]);
            for (int j = 0; j < row.Length; j++)
                sums[j] += double.CreateTruncating(row[j]) * value;
        }

        for (int j = 0; j < sums.Length; j++)
            destination[j] = T.CreateTruncating(sums[j]);
    }

    /// <inheritdoc/>
    public override Tensor<T> Materialize() => Tensor.Create((T[])Live.Clone(), [Rows, Columns]);

    /// <inheritdoc/>
    public override IReadOnlyList<PlanEntry> ToSparse(double threshold = 0)
    {
        if (!(threshold >= 0))
            Throw.OutOfRange("The threshold", threshold, "at least 0");
        List<PlanEntry> entries = [];
        for (int i = 0; i < Rows; i++)
        {
            ReadOnlySpan<T> row = Row(i);
            for (int j = 0; j < row.Length; j++)
            {
                double mass = double.CreateTruncating(row[j]);
                if (mass > threshold)
                    entries.Add(new PlanEntry(i, j, mass));
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    public override (int Row, int Column)[] Sample(Random random, int count)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        double[] rows = new double[Rows];
        CompensatedSum running = default;
        for (int i = 0; i < Rows; i++)
        {
            foreach (T mass in Row(i))
                running.Add(double.CreateTruncating(mass));
            rows[i] = running.Value;
        }

        (int Row, int Column)[] pairs = new (int, int)[count];
        for (int s = 0; s < count; s++)
        {
            double target = random.NextDouble() * rows[^1];
            int i = Array.BinarySearch(rows, target);
            i = i >= 0 ? i + 1 : ~i;

            // Sums that round up at the last row leave nothing behind it; rows and entries without mass are never drawn.
            i = Math.Min(i, Rows - 1);
            pairs[s] = (i, Draw(Row(i), target - (i == 0 ? 0 : rows[i - 1])));
        }

        return pairs;
    }

    /// <inheritdoc/>
    public override void Barycentric(ReadOnlySpan<T> y, int dimension, Span<T> destination)
    {
        if (dimension < 1)
            Throw.OutOfRange("The dimension", dimension, "at least 1");
        RequireLength("y", y.Length, (long)Columns * dimension);
        RequireLength("The destination", destination.Length, (long)Rows * dimension);
        Validate.NoOverlap<T, T>("The destination", destination, "y", y);
        double[] image = new double[dimension];
        for (int i = 0; i < Rows; i++)
        {
            Array.Clear(image);
            double total = 0;
            ReadOnlySpan<T> row = Row(i);
            for (int j = 0; j < row.Length; j++)
            {
                double mass = double.CreateTruncating(row[j]);
                total += mass;
                for (int c = 0; c < dimension; c++)
                    image[c] += mass * double.CreateTruncating(y[(j * dimension) + c]);
            }

            for (int c = 0; c < dimension; c++)
                destination[(i * dimension) + c] = total > 0 ? T.CreateTruncating(image[c] / total) : T.NaN;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _masses = null;

    /// <summary>The last entry with mass before the running sum passes the target.</summary>
    private static int Draw(ReadOnlySpan<T> row, double target)
    {
        double sum = 0;
        int last = 0;
        for (int j = 0; j < row.Length && sum <= target; j++)
        {
            double mass = double.CreateTruncating(row[j]);
            sum += mass;
            last = mass > 0 ? j : last;
        }

        return last;
    }

    private static void RequireLength(string what, long actual, long expected)
    {
        if (actual != expected)
            Throw.ShapeMismatch(what, actual, expected, "as the plan's shape asks");
    }

    private ReadOnlySpan<T> Row(int i) => Live.AsSpan(i * Columns, Columns);
}
