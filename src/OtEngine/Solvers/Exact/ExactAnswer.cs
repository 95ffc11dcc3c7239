using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>Turns the state a worker holds after a solve into a result: plan, potentials of all atoms, certificate.</summary>
internal sealed class ExactAnswer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ExactWorker<T> _worker;
    private readonly Geometry<T> _geometry;
    private readonly CostRowsFactory<T> _rowsFactory;
    private readonly CancellationToken _cancellation;
    private readonly double[] _f;
    private readonly double[] _g;
    private double _violation;

    private ExactAnswer(ExactWorker<T> worker, Geometry<T> geometry, CostRowsFactory<T> rowsFactory, CancellationToken cancellation)
    {
        _worker = worker;
        _geometry = geometry;
        _rowsFactory = rowsFactory;
        _cancellation = cancellation;
        _f = new double[geometry.Rows];
        _g = new double[geometry.Columns];
    }

    public static TransportResult<T> Of(ExactWorker<T> worker, Geometry<T> geometry, CostRowsFactory<T> rowsFactory, CancellationToken cancellation)
    {
        ExactAnswer<T> answer = new(worker, geometry, rowsFactory, cancellation);
        answer.ExtendPotentials();
        return answer.Assemble();
    }

    /// <summary>
    /// The simplex gives f on atoms of side a that have mass. Then g_j = min_i (C_ij - f_i) over those, for all j, and
    /// f_i = min_j (C_ij - g_j) over all j where side a has no mass: feasible for every pair, massless ones included.
    /// </summary>
    private void ExtendPotentials()
    {
        TakeSources();
        if (_geometry is SparseGeometry<T> sparse)
        {
            Extend(sparse);
            return;
        }

        if (_worker.Passes is not null)
        {
            if (_worker.TryExtend(_f, _g, out _violation))
                return;
            TakeSources();
        }

        Extension user = new(this);

        // Costs that the solve stored are read again, with the bits they are computed with; nothing is stored for this alone.
        _rowsFactory.Use(_geometry, Range(_geometry.Rows), Range(_geometry.Columns), _rowsFactory.StoredBytes(_geometry), ref user, _cancellation);
    }

    private void TakeSources()
    {
        ReadOnlySpan<int> sources = _worker.Support.Sources;
        _f.AsSpan().Fill(double.NaN);
        for (int k = 0; k < sources.Length; k++)
            _f[sources[k]] = _worker.U[k];
        _g.AsSpan().Fill(double.PositiveInfinity);
    }

    private static int[] Range(int count)
    {
        int[] range = new int[count];
        for (int i = 0; i < count; i++)
            range[i] = i;
        return range;
    }

    private void Extend<TRows>(in TRows rows)
        where TRows : struct, ICostRows
    {
        foreach (int i in _worker.Support.Sources)
        {
            _cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.LowerColumns(rows, i, _f[i], _g);
        }

        if (_worker.Support.SourceCount < _f.Length)
        {
            double[] shift = new double[_g.Length];
            TensorPrimitives.Negate<double>(_g, shift);
            for (int i = 0; i < _f.Length; i++)
            {
                _cancellation.ThrowIfCancellationRequested();
                if (double.IsNaN(_f[i]))
                    _f[i] = CostRowsOperations.Minimum(rows, i, shift, 0);
            }
        }

        for (int i = 0; i < _f.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            _violation = Math.Max(_violation, CostRowsOperations.LargestViolation(rows, i, _f[i], _g));
        }
    }

    private void Extend(SparseGeometry<T> sparse)
    {
        foreach (int i in _worker.Support.Sources)
        {
            for (int arc = sparse.RowStarts[i]; arc < sparse.RowStarts[i + 1]; arc++)
            {
                ref double g = ref _g[sparse.ColumnIndices[arc]];
                g = Math.Min(g, double.CreateTruncating(sparse.Costs[arc]) - _f[i]);
            }
        }

        // An atom without mass and without an arc to any mass is free; zero is as good as any value.
        for (int j = 0; j < _g.Length; j++)
            _g[j] = double.IsPositiveInfinity(_g[j]) ? 0 : _g[j];
        for (int i = 0; i < _f.Length; i++)
        {
            bool extend = double.IsNaN(_f[i]);
            double f = double.PositiveInfinity;
            for (int arc = sparse.RowStarts[i]; arc < sparse.RowStarts[i + 1]; arc++)
            {
                double cost = double.CreateTruncating(sparse.Costs[arc]);
                double g = _g[sparse.ColumnIndices[arc]];
                f = Math.Min(f, cost - g);
                if (!extend)
                    _violation = Math.Max(_violation, 0.25 * (_f[i] + g - cost) / ((0.25 * Math.Abs(_f[i])) + double.Epsilon + (0.25 * Math.Abs(cost)) + (0.25 * Math.Abs(g))));
            }

            if (extend)
                _f[i] = double.IsPositiveInfinity(f) ? 0 : f;
        }
    }

    private TransportResult<T> Assemble()
    {
        PlanEntry[] entries = Entries();
        CompensatedSum dual = default;
        double absoluteDual = 0;
        for (int k = 0; k < _worker.Support.SourceCount; k++)
        {
            double potential = _f[_worker.Support.Sources[k]];
            dual.AddProduct(_worker.Support.A[k], potential);
            absoluteDual += Math.Abs(_worker.Support.A[k] * potential);
        }

        for (int k = 0; k < _worker.Support.SinkCount; k++)
        {
            double potential = _g[_worker.Support.Sinks[k]];
            dual.AddProduct(_worker.Support.B[k], potential);
            absoluteDual += Math.Abs(_worker.Support.B[k] * potential);
        }

        double cost = _worker.PrimalCost;
        Certificate certificate = new(_violation, _worker.RelativeGap(dual.Value, absoluteDual));
        SolveStatus status = _worker.Status;
        if (status == SolveStatus.Converged)
        {
            double tolerance = ElementType.CertificateTolerance<T>();
            if (!(double.IsFinite(cost) && double.IsFinite(dual.Value) && double.IsFinite(_violation)))
                status = SolveStatus.NumericalFailure;
            else if (!(certificate.LargestViolation <= tolerance && certificate.RelativeGap <= tolerance))
                status = SolveStatus.Stalled;
        }

        (double errorA, double errorB) = MarginalErrors(entries);
        double upper = _worker.Stranded > ElementType.TotalsTolerance<T>() * _worker.Support.Mass ? double.PositiveInfinity : cost;
        SparsePlan<T> plan = new(_geometry.Rows, _geometry.Columns, entries);
        return new TransportResult<T>(plan)
        {
            Status = status,
            TransportCost = cost,
            RegularizedCost = cost,
            DualCost = dual.Value,

            // Both bounds are right to rounding; where they meet, rounding may not turn them round.
            LowerBound = Math.Min(dual.Value, upper),
            UpperBound = upper,
            Distance = _geometry.MetricPower is { } q ? Math.Pow(Math.Max(cost, 0) / _worker.Support.Mass, 1 / q) : double.NaN,
            Mass = plan.Mass,
            MarginalErrorA = errorA,
            MarginalErrorB = errorB,
            Iterations = _worker.Pivots,
            Certificate = certificate,
            Potentials = new DualPotentials(_f, _g),
        };
    }

    private PlanEntry[] Entries()
    {
        int n = _worker.Support.SourceCount;
        int nodes = n + _worker.Support.SinkCount;
        List<PlanEntry> entries = new(nodes);
        for (int node = 0; node < nodes; node++)
        {
            int parent = _worker.Tree.Parent(node);
            long flow = _worker.Tree.Flow(node);
            if (parent < 0 || parent == nodes || flow == 0)
                continue;
            (int source, int sink) = node < n ? (node, parent) : (parent, node);
            entries.Add(new PlanEntry(_worker.Support.Sources[source], _worker.Support.Sinks[sink - n], Math.ScaleB(flow, -_worker.Support.UnitExponent)));
        }

        entries.Sort(static (left, right) => left.Row != right.Row ? left.Row.CompareTo(right.Row) : left.Column.CompareTo(right.Column));
        return [.. entries];
    }

    private (double A, double B) MarginalErrors(PlanEntry[] entries)
    {
        CompensatedSum[] rows = new CompensatedSum[_f.Length];
        CompensatedSum[] columns = new CompensatedSum[_g.Length];
        foreach (PlanEntry entry in entries)
        {
            rows[entry.Row].Add(entry.Mass);
            columns[entry.Column].Add(entry.Mass);
        }

        double errorA = 0;
        double errorB = 0;
        for (int k = 0; k < _worker.Support.SourceCount; k++)
            errorA += Math.Abs(rows[_worker.Support.Sources[k]].Value - _worker.Support.A[k]);
        for (int k = 0; k < _worker.Support.SinkCount; k++)
            errorB += Math.Abs(columns[_worker.Support.Sinks[k]].Value - _worker.Support.B[k]);
        return (errorA, errorB);
    }

    private readonly struct Extension(ExactAnswer<T> answer) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => answer.Extend(rows);
    }
}
