using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>The memory and the passes of one <see cref="PlanReduce"/> over some rows of a table, problem by problem on the host.</summary>
internal sealed class PlanSums<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<IDisposable> _memory = [];
    private readonly CudaRuntime _runtime;
    private readonly ProblemTable<T> _table;
    private readonly int[] _chosen;
    private readonly Execution _execution;
    private readonly CudaBuffer<double> _potentials;
    private readonly CudaBuffer<double> _epsilons;
    private readonly CudaBuffer<double> _values;
    private readonly CudaBuffer<double> _sums;
    private readonly CudaBuffer<double> _costs;
    private readonly double[] _hostEpsilons;
    private readonly double[] _shares;
    private readonly double[] _hostPotentials;
    private readonly double[] _hostSums;
    private readonly double[] _hostCosts;
    private readonly double[] _factors;
    private readonly double[] _fills;
    private readonly CudaStream _stream;
    private readonly Tiles _rows;
    private readonly Tiles _columns;
    private readonly SoftMinTiles _transforms;

    public PlanSums(CudaRuntime runtime, CudaTable<T> table, int[] chosen, ReadOnlySpan<double> epsilons, CudaBuffer<double> potentials, Execution execution)
    {
        _runtime = runtime;
        _table = table.Table;
        _chosen = chosen;
        _execution = execution;
        _potentials = potentials;
        long count = _table.PotentialCount;
        _hostEpsilons = epsilons.ToArray();
        _shares = table.HostShares;
        _hostPotentials = new double[count];
        _hostSums = new double[count];
        _hostCosts = new double[count];
        _factors = new double[count];
        _fills = new double[_table.Rows.Length];
        StreamLease lease = runtime.Rent();
        _stream = lease.Stream;
        try
        {
            _epsilons = Keep(runtime.Allocate<double>(epsilons.Length));
            _values = Keep(runtime.Allocate<double>(count));
            _sums = Keep(runtime.Allocate<double>(count));
            _costs = Keep(runtime.Allocate<double>(count));
            _stream.Upload(epsilons, _epsilons);
            if (chosen.Length < _table.Rows.Length)
            {
                // What stands beside the others is copied with the rest.
                _stream.Clear(_sums, 0, count);
                _stream.Clear(_values, 0, count);
            }

            _rows = Keep(table.TilesOf(_stream, chosen, PlanReduce.BlocksOf));
            _columns = Keep(table.TilesOf(_stream, chosen, row => PlanApply.BlocksOf(row, TransportSide.B)));
            _transforms = Keep(SoftMinTiles.Of(table, _stream, chosen));
            _ = Keep(lease);
        }
        catch
        {
            Dispose();
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Everything but the bracket.</summary>
    public void Measure(CudaBuffer<double>? marginals, Span<PlanReduction> reductions)
    {
        Array.Fill(_factors, 1);
        _stream.Upload<double>(_factors, _values);
        SumRows(_potentials, null, null);
        SumColumns();
        _stream.Download(_potentials, _hostPotentials);
        Fetch();
        if (marginals is not null)
            _stream.Copy(_sums, 0, marginals, 0, _sums.Length);
        foreach (int row in _chosen)
        {
            ProblemRow problem = _table.Rows[row];
            reductions[row] = PlanReductionRule.Measure(
                A(_shares, problem), B(_shares, problem), A(_hostPotentials, problem), B(_hostPotentials, problem), A(_hostSums, problem), B(_hostSums, problem), Total(problem), _hostEpsilons[row]);
        }

        _stream.Synchronize();
    }

    /// <summary>The bracket, after <see cref="Measure"/>.</summary>
    public void Bracket(Span<PlanReduction> reductions)
    {
        double[] lower = LowerBounds();
        double[] upper = UpperBounds();
        foreach (int row in _chosen)
            reductions[row] = PlanReductionRule.WithBracket(reductions[row], lower[row], upper[row]);
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    private static Span<double> A(double[] values, in ProblemRow problem) => values.AsSpan((int)problem.PotentialsA, problem.Rows);

    private static Span<double> B(double[] values, in ProblemRow problem) => values.AsSpan((int)problem.PotentialsB, problem.Columns);

    /// <summary>f by the hard transform of g, then g by that of f.</summary>
    private double[] LowerBounds()
    {
        _execution.Cancellation.ThrowIfCancellationRequested();
        _stream.Upload<double>(Array.ConvertAll(_hostPotentials, PlanReductionRule.Proven), _values);
        using CudaBuffer<double> zeros = _runtime.Allocate<double>(_epsilons.Length);
        _stream.Clear(zeros, 0, zeros.Length);
        SoftMin.Queue<T>(_runtime, _stream, _transforms, TransportSide.A, zeros, _values, _values, SoftMinAtoms.WithMass);
        SoftMin.Queue<T>(_runtime, _stream, _transforms, TransportSide.B, zeros, _values, _values, SoftMinAtoms.WithMass);
        double[] transforms = new double[_factors.Length];
        _stream.Download(_values, transforms);
        double[] bounds = new double[_table.Rows.Length];
        foreach (int row in _chosen)
        {
            ProblemRow problem = _table.Rows[row];
            bounds[row] = PlanReductionRule.LowerBound(A(_shares, problem), B(_shares, problem), A(transforms, problem), B(transforms, problem));
        }

        return bounds;
    }

    /// <summary>Rows scaled, columns scaled, the rest filled in.</summary>
    private double[] UpperBounds()
    {
        _execution.Cancellation.ThrowIfCancellationRequested();
        foreach (ProblemRow problem in Problems)
            PlanReductionRule.RowFactors(A(_shares, problem), A(_hostSums, problem), A(_factors, problem));
        _stream.Upload<double>(_factors, _values);
        SumColumns();
        Fetch();
        foreach (int row in _chosen)
        {
            ProblemRow problem = _table.Rows[row];
            _fills[row] = PlanReductionRule.ColumnFactors(B(_shares, problem), B(_hostSums, problem), B(_factors, problem));
        }

        _stream.Upload<double>(_factors, _values);
        double[] missing = [.. _hostSums];
        SumRows(_potentials, _values, _values);
        Fetch();
        double[] scaled = new double[_fills.Length];
        foreach (int row in _chosen)
        {
            ProblemRow problem = _table.Rows[row];
            scaled[row] = Total(problem);
            _fills[row] = Math.Max(_fills[row], PlanReductionRule.MissingRows(A(_shares, problem), A(_hostSums, problem)));
            A(_hostSums, problem).CopyTo(A(missing, problem));
        }

        if (_fills.Max() > 0)
        {
            _stream.Upload<double>(missing, _values);
            SumRows(null, _values, _values);
            Fetch();
        }

        double[] bounds = new double[_fills.Length];
        foreach (int row in _chosen)
            bounds[row] = PlanReductionRule.UpperBound(scaled[row], Total(_table.Rows[row]), _fills[row]);
        return bounds;
    }

    private IEnumerable<ProblemRow> Problems => _chosen.Select(row => _table.Rows[row]);

    private double Total(in ProblemRow problem)
    {
        CompensatedSum total = default;
        foreach (double cost in A(_hostCosts, problem))
            total.Add(cost);
        return total.Value;
    }

    private void SumRows(CudaBuffer<double>? potentials, CudaBuffer<double>? x, CudaBuffer<double>? y) =>
        PlanReduce.Queue<T>(_runtime, _stream, _rows, _epsilons, potentials, x, y, _sums, _costs);

    /// <summary>The values are x, and the results stand beside those of rows.</summary>
    private void SumColumns() => PlanApply.Queue<T>(_runtime, _stream, _columns, TransportSide.B, _epsilons, _potentials, _values, _sums);

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }

    private void Fetch()
    {
        _stream.Download(_sums, _hostSums);
        foreach (ProblemRow problem in Problems)
            _stream.Download(_costs, A(_hostCosts, problem), problem.PotentialsA);
    }
}
