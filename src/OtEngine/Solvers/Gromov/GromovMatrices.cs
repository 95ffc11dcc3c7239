using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// The matrices of a batch of Gromov-Wasserstein problems in the memory of a backend: inner costs, each matrix once however many problems share it,
/// plans, what is between two products, and the gradients, which are the costs of a table of transport problems.
/// </summary>
internal sealed class GromovMatrices<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<IDisposable> _memory = [];
    private readonly Execution _execution;
    private readonly GromovProblem<T>[] _problems;
    private readonly GromovLoss _loss;
    private readonly long[] _innerA;
    private readonly long[] _innerB;
    private readonly bool[] _asymmetric;
    private readonly BackendBuffer<T> _inner;
    private readonly BackendBuffer<T> _images;
    private readonly BackendBuffer<T> _features;
    private readonly BackendBuffer<T> _gradients;
    private readonly BackendBuffer<double> _constants;
    private readonly BackendBuffer<double> _sums;
    private readonly double[] _hostConstants;

    public GromovMatrices(IReadOnlyList<GromovProblem<T>> problems, GromovLoss loss, Execution execution)
    {
        _problems = [.. problems];
        _loss = loss;
        _execution = execution;
        int count = _problems.Length;
        (_innerA, _innerB, _asymmetric) = (new long[count], new long[count], new bool[count]);
        Rows = new GromovRow[count];
        try
        {
            Dictionary<(Geometry<T> Costs, bool Logarithms), long> places = [];
            long inner = 0;
            long matrices = 0;
            long features = 0;
            for (int k = 0; k < count; k++)
            {
                GromovProblem<T> problem = _problems[k];
                _innerA[k] = PlaceOf(problem.InnerA, logarithms: false);
                _innerB[k] = PlaceOf(problem.InnerB, loss == GromovLoss.KullbackLeibler);
                _asymmetric[k] = !IsSymmetric(problem.InnerA) || !IsSymmetric(problem.InnerB);
                Rows[k] = new GromovRow
                {
                    Problem = k,
                    HasFeatures = problem.Features is null ? 0 : 1,
                    Matrix = matrices,
                    Features = features,
                    Factor = 2 * problem.Alpha * problem.TotalA,
                    FeatureFactor = problem.Features is null ? 0 : 1 - problem.Alpha,
                };
                long entries = (long)problem.InnerA.Rows * problem.InnerB.Rows;
                matrices = checked(matrices + entries);
                features += problem.Features is null ? 0 : entries;
            }

            _inner = Keep(execution.Backend.Allocate<T>(inner));
            _images = Keep(execution.Backend.Allocate<T>(matrices));
            _features = Keep(execution.Backend.Allocate<T>(features));
            _gradients = Keep(execution.Backend.Allocate<T>(matrices));
            Plans = Keep(execution.Backend.Allocate<T>(matrices));
            Table = Keep(Transport());
            Loaded = Keep(execution.Backend.Load(Table));
            _constants = Keep(execution.Backend.Allocate<double>(Table.PotentialCount));
            _sums = Keep(execution.Backend.Allocate<double>(Table.PotentialCount * GromovSums.Count));
            foreach (((Geometry<T> costs, bool _), long place) in places)
                Write(costs, _inner, place);
            for (int k = 0; k < count; k++)
            {
                if (_problems[k].Features is { } costs)
                    Write(costs, _features, Rows[k].Features);
            }

            _hostConstants = new double[Table.PotentialCount];
            FillConstants();
            TakeLogarithms([.. places.Where(place => place.Key.Logarithms).Select(place => (place.Value, (long)place.Key.Costs.Rows * place.Key.Costs.Rows))]);

            long PlaceOf(Geometry<T> costs, bool logarithms)
            {
                if (!places.TryGetValue((costs, logarithms), out long place))
                {
                    place = inner;
                    places.Add((costs, logarithms), place);
                    inner = checked(inner + ((long)costs.Rows * costs.Rows));
                }

                return place;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>One row a problem.</summary>
    public GromovRow[] Rows { get; }

    /// <summary>The transport problems of a step, whose costs are the gradients.</summary>
    public ProblemTable<T> Table { get; }

    public LoadedTable<T> Loaded { get; }

    /// <summary>P of every problem, mass one.</summary>
    public BackendBuffer<T> Plans { get; }

    /// <summary>Costs of zero, on which potentials of zero are the plan a b^T; fresh memory of a backend may hold anything.</summary>
    public void ClearGradients()
    {
        foreach (ProblemRow problem in Table.Rows)
        {
            T[] zeros = new T[(long)problem.Rows * problem.Columns];
            _gradients.CopyFrom(zeros, Rows[problem.Geometry].Matrix);
            Plans.CopyFrom(zeros, Rows[problem.Geometry].Matrix);
        }
    }

    /// <summary>
    /// The gradients of some problems at their plans: X = h1(C1) P h2(C2)^T, where an inner cost is asymmetric the mean of that and of the
    /// products of the transposes; then <see cref="Backend.GromovGradient"/>.
    /// </summary>
    public void Differentiate(ReadOnlySpan<GromovRow> rows)
    {
        Multiply(rows, transposed: false);
        List<GromovRow> asymmetric = [];
        foreach (GromovRow row in rows)
        {
            if (_asymmetric[row.Problem])
                asymmetric.Add(row);
        }

        Multiply([.. asymmetric], transposed: true);
        _execution.Backend.GromovGradient(Loaded, rows, _constants, Plans, _features, _gradients, _sums, _execution);
    }

    /// <summary>What the costs of each problem, of all that were ever differentiated, are like.</summary>
    public CostStatistics[] Statistics()
    {
        double[] sums = Sums();
        CostStatistics[] statistics = new CostStatistics[Rows.Length];
        for (int k = 0; k < statistics.Length; k++)
        {
            ProblemRow problem = Table.Rows[k];
            ReadOnlySpan<double> magnitudes = Of(sums, GromovSums.Magnitude, problem);
            double mean = 0;
            foreach (double magnitude in magnitudes)
                mean += magnitude / problem.Columns / problem.Rows;
            statistics[k] = new CostStatistics(
                TensorPrimitives.Min(Of(sums, GromovSums.Least, problem)), TensorPrimitives.Max(Of(sums, GromovSums.Largest, problem)), mean);
        }

        return statistics;
    }

    /// <summary>sum L P P of each problem at the plan it was last differentiated at, and sum M P, of mass one.</summary>
    /// <param name="marginals">Row and column sums of those plans.</param>
    public (double Gromov, double Features)[] Values(ReadOnlySpan<double> marginals)
    {
        double[] sums = Sums();
        (double, double)[] values = new (double, double)[Rows.Length];
        for (int k = 0; k < values.Length; k++)
        {
            // r = f1(C1) a, but sum f1(C1) is over the plan's own sums u: u F u = 2 r u - r a, up to (u - a) F (u - a). Likewise of side b.
            ProblemRow problem = Table.Rows[k];
            CompensatedSum value = default;
            AddQuadratic(ref value, problem.PotentialsA, Table.WeightsA(problem), marginals);
            AddQuadratic(ref value, problem.PotentialsB, Table.WeightsB(problem), marginals);
            CompensatedSum features = default;
            foreach (double cross in Of(sums, GromovSums.Cross, problem))
                value.Add(-cross);
            foreach (double feature in Of(sums, GromovSums.Features, problem))
                features.Add(feature);
            values[k] = (value.Value, features.Value);
        }

        return values;
    }

    public void Dispose()
    {
        for (int k = _memory.Count - 1; k >= 0; k--)
            _memory[k].Dispose();
        _memory.Clear();
    }

    private static bool IsSymmetric(Geometry<T> geometry)
    {
        // Points and grids are symmetric only if both sides are the same; nothing else is asked of them.
        if (geometry is PointCloudGeometry<T> points)
            return points.X.AsSpan().SequenceEqual(points.Y);
        if (geometry is not DenseGeometry<T> dense)
            return false;
        for (int i = 0; i < dense.Rows; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (dense.Costs[(i * dense.Rows) + j] != dense.Costs[(j * dense.Rows) + i])
                    return false;
            }
        }

        return true;
    }

    private ProblemTable<T> Transport()
    {
        ImmutableArray<Geometry<T>>.Builder geometries = ImmutableArray.CreateBuilder<Geometry<T>>(Rows.Length);
        ImmutableArray<ProblemRow>.Builder rows = ImmutableArray.CreateBuilder<ProblemRow>(Rows.Length);
        HostBuffer<T> weights = new(_problems.Sum(problem => (long)problem.InnerA.Rows + problem.InnerB.Rows));
        long offset = 0;
        for (int k = 0; k < Rows.Length; k++)
        {
            (int n, int m) = (_problems[k].InnerA.Rows, _problems[k].InnerB.Rows);
            geometries.Add(new BufferGeometry<T>(_gradients, Rows[k].Matrix, n, m));
            CopyOrUniform(_problems[k].A, weights.Span(offset, n));
            CopyOrUniform(_problems[k].B, weights.Span(offset + n, m));
            rows.Add(new ProblemRow
            {
                Geometry = k,
                Transposed = 0,
                Rows = n,
                Columns = m,
                WeightsA = offset,
                WeightsB = offset + n,
                PotentialsA = offset,
                PotentialsB = offset + n,
            });
            offset += (long)n + m;
        }

        return new ProblemTable<T>(geometries.DrainToImmutable(), rows.DrainToImmutable(), weights);

        static void CopyOrUniform(T[]? given, Span<T> destination)
        {
            if (given is null)
                destination.Fill(T.One / T.CreateChecked(destination.Length));
            else
                given.CopyTo(destination);
        }
    }

    /// <summary>Stores costs of a user's geometry.</summary>
    private void Write(Geometry<T> costs, BackendBuffer<T> destination, long place)
    {
        if (costs is DenseGeometry<T> dense)
        {
            destination.CopyFrom(dense.Costs, place);
            return;
        }

        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(costs)]);
        using LoadedTable<T> loaded = _execution.Backend.Load(table);
        _execution.Backend.CostMatrix(loaded, [place], destination, _execution);
    }

    private void FillConstants()
    {
        double[] shares = new double[Table.PotentialCount];
        List<GromovInner> inners = [];
        for (int k = 0; k < Rows.Length; k++)
        {
            ProblemRow problem = Table.Rows[k];
            Share(Table.WeightsA(problem), shares.AsSpan((int)problem.PotentialsA, problem.Rows));
            Share(Table.WeightsB(problem), shares.AsSpan((int)problem.PotentialsB, problem.Columns));
            bool square = _loss == GromovLoss.Square;
            inners.Add(new GromovInner { Size = problem.Rows, Function = square ? GromovFunction.Square : GromovFunction.Entropy, Costs = _innerA[k], Weights = problem.PotentialsA });
            inners.Add(new GromovInner { Size = problem.Columns, Function = square ? GromovFunction.Square : GromovFunction.Identity, Costs = _innerB[k], Weights = problem.PotentialsB });
        }

        using BackendBuffer<double> weights = _execution.Backend.Allocate<double>(Table.PotentialCount);
        weights.CopyFrom(shares, 0);
        _execution.Backend.GromovConstants([.. inners], _inner, weights, _constants, _execution);
        _constants.CopyTo(_hostConstants, 0);
    }

    /// <summary>h2 of the KL loss, in place.</summary>
    private void TakeLogarithms((long Place, long Count)[] matrices)
    {
        foreach ((long place, long count) in matrices)
            _execution.Backend.VectorMap(VectorOperation.Log, [place, place + count], [GromovInner.Shift], _inner, _inner, _execution);
    }

    private void Multiply(ReadOnlySpan<GromovRow> rows, bool transposed)
    {
        if (rows.IsEmpty)
            return;
        MatrixProduct[] right = new MatrixProduct[rows.Length];
        MatrixProduct[] left = new MatrixProduct[rows.Length];
        for (int k = 0; k < rows.Length; k++)
        {
            ProblemRow problem = Table.Rows[rows[k].Problem];
            bool halved = _asymmetric[rows[k].Problem];
            right[k] = new MatrixProduct
            {
                Rows = problem.Rows,
                Columns = problem.Columns,
                Inner = problem.Columns,
                TransposedB = halved && !transposed ? 1 : 0,
                A = rows[k].Matrix,
                B = _innerB[rows[k].Problem],
                C = rows[k].Matrix,
                Alpha = _loss == GromovLoss.Square ? 2 : 1,
            };
            left[k] = new MatrixProduct
            {
                Rows = problem.Rows,
                Columns = problem.Columns,
                Inner = problem.Rows,
                TransposedA = transposed ? 1 : 0,
                A = _innerA[rows[k].Problem],
                B = rows[k].Matrix,
                C = rows[k].Matrix,
                Alpha = halved ? 0.5 : 1,
                Beta = transposed ? 1 : 0,
            };
        }

        _execution.Backend.Multiply(right, Plans, _inner, _images, _execution);
        _execution.Backend.Multiply(left, _inner, _images, _gradients, _execution);
    }

    private void AddQuadratic(ref CompensatedSum sum, long offset, ReadOnlySpan<T> weights, ReadOnlySpan<double> marginals)
    {
        double[] shares = new double[weights.Length];
        Share(weights, shares);
        for (int i = 0; i < shares.Length; i++)
        {
            double weight = (2 * marginals[(int)offset + i]) - shares[i];
            if (weight != 0)
                sum.AddProduct(_hostConstants[offset + i], weight);
        }
    }

    private static void Share(ReadOnlySpan<T> weights, Span<double> shares)
    {
        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        for (int k = 0; k < shares.Length; k++)
            shares[k] = double.CreateTruncating(weights[k]) / total.Value;
    }

    private double[] Sums()
    {
        double[] sums = new double[_sums.Length];
        _sums.CopyTo(sums, 0);
        return sums;
    }

    private ReadOnlySpan<double> Of(double[] sums, int number, in ProblemRow problem) =>
        sums.AsSpan((int)((number * Table.PotentialCount) + problem.PotentialsA), problem.Rows);

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}
