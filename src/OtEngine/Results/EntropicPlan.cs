using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// A plan given by its potentials, P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps): what entropic solvers return. Nothing of size
/// n x m is held; each call computes the entries it needs, in double, O(n m) of them, in memory linear in n + m.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class EntropicPlan<T> : TransportPlan<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Entries worked on at once by calls that write rows.</summary>
    private const int EntriesAtOnce = 1 << 20;

    private readonly TransportProblem<T> _problem;
    private readonly DualPotentials _potentials;
    private readonly double _epsilon;
    private readonly double _mass;
    private readonly Lock _loading = new();
    private Execution _execution;
    private Coupling? _coupling;
    private bool _disposed;

    internal EntropicPlan(
        Geometry<T> geometry, ReadOnlySpan<T> a, ReadOnlySpan<T> b, DualPotentials potentials, double epsilon, double mass, Execution execution)
        : base(geometry.Rows, geometry.Columns)
    {
        _problem = new TransportProblem<T>(geometry, a.ToArray(), b.ToArray());
        _potentials = potentials;
        _epsilon = epsilon;
        _mass = mass;
        _execution = execution.Uncancelled();
    }

    private Coupling Live
    {
        get
        {
            lock (_loading)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _coupling ??= new Coupling(_problem, _potentials, _epsilon, _mass, _execution);
            }
        }
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<T> values, Span<T> destination) => Multiply(values, Columns, destination, Rows, transposed: false);

    /// <inheritdoc/>
    public override void ApplyTransposed(ReadOnlySpan<T> values, Span<T> destination) => Multiply(values, Rows, destination, Columns, transposed: true);

    /// <inheritdoc/>
    public override Tensor<T> Materialize()
    {
        T[] dense = new T[Sizes.Product("The dense plan", Rows, Columns, "apply the plan, or take its entries above a threshold")];
        ForEachRow((row, masses) =>
        {
            for (int j = 0; j < masses.Length; j++)
                dense[(row * Columns) + j] = T.CreateTruncating(masses[j]);
        });
        return Tensor.Create(dense, [Rows, Columns]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PlanEntry> ToSparse(double threshold = 0)
    {
        if (!(threshold >= 0))
            Throw.OutOfRange("The threshold", threshold, "at least 0");
        List<PlanEntry> entries = [];
        ForEachRow((row, masses) =>
        {
            for (int j = 0; j < masses.Length; j++)
            {
                if (masses[j] > threshold)
                    entries.Add(new PlanEntry(row, j, masses[j]));
            }
        });
        return entries;
    }

    /// <inheritdoc/>
    public override (int Row, int Column)[] Sample(Random random, int count)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        double[] rows = Cumulative(Apply(OnesOf(Columns), 1, transposed: false));
        (int Row, int Column)[] pairs = new (int, int)[count];
        double[] draws = new double[count];
        for (int s = 0; s < count; s++)
        {
            pairs[s].Row = Draw(rows, random.NextDouble());
            draws[s] = random.NextDouble();
        }

        int[] order = [.. Enumerable.Range(0, count)];
        Array.Sort(Array.ConvertAll(pairs, pair => pair.Row), order);
        double[] columns = [];
        int current = -1;
        foreach (int s in order)
        {
            if (pairs[s].Row != current)
            {
                current = pairs[s].Row;
                columns = Cumulative(Write(current, 1));
            }

            pairs[s].Column = Draw(columns, draws[s]);
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

        // The masses of the rows come from the same pass, as one more coordinate.
        int width = dimension + 1;
        double[] values = new double[Sizes.Product("The points in double", Columns, width, "use fewer points or coordinates")];
        for (int j = 0; j < Columns; j++)
        {
            for (int c = 0; c < dimension; c++)
                values[(j * width) + c] = double.CreateTruncating(y[(j * dimension) + c]);
            values[(j * width) + dimension] = 1;
        }

        double[] images = Apply(values, width, transposed: false);
        for (int i = 0; i < Rows; i++)
        {
            double mass = images[(i * width) + dimension];
            for (int c = 0; c < dimension; c++)
                destination[(i * dimension) + c] = mass > 0 ? T.CreateTruncating(images[(i * width) + c] / mass) : T.NaN;
        }
    }

    private double[] Apply(double[] values, int width, bool transposed) => Ask(live => live.Apply(values, width, transposed));

    private double[] Write(int first, int count) => Ask(live => live.Write(first, count));

    /// <summary>Asks the plan in the backend's memory; where the device is lost and the engine goes on without, so does the plan.</summary>
    private double[] Ask(Func<Coupling, double[]> question)
    {
        Execution asked = _execution;
        try
        {
            return question(Live);
        }
        catch (DeviceException fault) when (fault.IsLost && asked.Fallback is not null)
        {
            lock (_loading)
            {
                if (ReferenceEquals(_execution, asked))
                {
                    _execution = asked.On(asked.Fallback(fault));
                    _coupling?.Dispose();
                    _coupling = null;
                }
            }

            return question(Live);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_loading)
        {
            _disposed = true;
            _coupling?.Dispose();
            _coupling = null;
        }
    }

    private static double[] OnesOf(int count)
    {
        double[] ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }

    private static double[] Cumulative(double[] masses)
    {
        CompensatedSum running = default;
        for (int k = 0; k < masses.Length; k++)
        {
            running.Add(masses[k]);
            masses[k] = running.Value;
        }

        return masses;
    }

    /// <summary>The first index whose cumulative mass exceeds the draw; one without mass never does.</summary>
    private static int Draw(double[] cumulative, double uniform)
    {
        double target = uniform * cumulative[^1];
        int low = 0;
        int high = cumulative.Length - 1;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (cumulative[middle] > target)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

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
        double[] wide = new double[valueCount];
        for (int k = 0; k < wide.Length; k++)
            wide[k] = double.CreateTruncating(values[k]);
        double[] sums = Apply(wide, 1, transposed);
        for (int k = 0; k < sums.Length; k++)
            destination[k] = T.CreateTruncating(sums[k]);
    }

    private void ForEachRow(Action<int, Span<double>> visit)
    {
        int rowsAtOnce = Math.Clamp(EntriesAtOnce / Columns, 1, Rows);
        for (int first = 0; first < Rows; first += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, Rows - first);
            double[] masses = Write(first, count);
            for (int row = 0; row < count; row++)
                visit(first + row, masses.AsSpan(row * Columns, Columns));
        }
    }

    /// <summary>The plan in the memory of the backend; one call at a time.</summary>
    private sealed class Coupling : IDisposable
    {
        private readonly ProblemTable<T> _table;
        private readonly LoadedTable<T> _loaded;
        private readonly LoadedPlan _plan;
        private readonly double _mass;
        private readonly Execution _execution;
        private bool _disposed;

        public Coupling(TransportProblem<T> problem, DualPotentials potentials, double epsilon, double mass, Execution execution)
        {
            _mass = mass;
            _execution = execution;
            _table = ProblemTable<T>.Of([problem]);
            try
            {
                _loaded = execution.Backend.Load(_table);

                // The verbs speak of weights of total one.
                double[] f = potentials.F.ToArray();
                TensorPrimitives.Add(f, epsilon * Math.Log(mass), f);
                using BackendBuffer<double> buffer = execution.Backend.Allocate<double>(_table.PotentialCount);
                buffer.CopyFrom(f, _table.Rows[0].PotentialsA);
                buffer.CopyFrom(potentials.G.Span, _table.Rows[0].PotentialsB);
                _plan = execution.Backend.LoadPlan(_loaded, 0, epsilon, buffer, keep: false, execution);
            }
            catch
            {
                _loaded?.Dispose();
                _table.Dispose();
                throw;
            }
        }

        public double[] Apply(double[] values, int width, bool transposed)
        {
            ProblemRow row = _table.Rows[0];
            int count = transposed ? row.Columns : row.Rows;
            double[] destination = new double[Sizes.Product("The image", count, width, "apply the plan to fewer columns")];
            lock (_plan)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(EntropicPlan<T>));
                _plan.Apply(transposed, values, width, destination, _execution);
            }

            TensorPrimitives.Multiply(destination, _mass, destination);
            return destination;
        }

        public double[] Write(int first, int count)
        {
            double[] destination = new double[Sizes.Product("The rows", count, _table.Rows[0].Columns, "write fewer rows")];
            lock (_plan)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(EntropicPlan<T>));
                _plan.Write(first, count, destination, _execution);
            }

            TensorPrimitives.Multiply(destination, _mass, destination);
            return destination;
        }

        public void Dispose()
        {
            lock (_plan)
            {
                _disposed = true;
                _plan.Dispose();
                _loaded.Dispose();
                _table.Dispose();
            }
        }
    }
}
