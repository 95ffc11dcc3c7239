using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Passes over all pairs of one problem by the verbs of a backend that is remote. Values go in and come out by the places of the atoms with
/// mass; a backend keeps every atom, and those without mass are left out by an infinite shift. A listener hears of pivots, not of these. Memory
/// here: some tens of numbers an atom.
/// </summary>
internal sealed class ArcPasses<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ExactSupport<T> _support;
    private readonly Execution _execution;
    private readonly ProblemTable<T> _table;
    private readonly LoadedTable<T> _loaded;
    private readonly int[] _placesOfRows;
    private readonly int[] _placesOfColumns;
    private double[] _prices = [];
    private int[] _ends = [];

    /// <param name="table">The problems.</param>
    /// <param name="row">Which one.</param>
    /// <param name="support">Its atoms with mass.</param>
    /// <param name="execution">The backend, threads and cancellation.</param>
    public ArcPasses(ProblemTable<T> table, int row, ExactSupport<T> support, Execution execution)
    {
        (_support, _execution) = (support, execution.Unheard());
        _table = table.Only(row);
        _placesOfRows = Places(support.Sources, table.Rows[row].Rows);
        _placesOfColumns = Places(support.Sinks, table.Rows[row].Columns);
        _loaded = execution.Backend.Load(_table);
    }

    private Backend Backend => _execution.Backend;

    private int Rows => _placesOfRows.Length;

    private int Columns => _placesOfColumns.Length;

    public void Dispose()
    {
        _loaded.Dispose();
        _table.Dispose();
    }

    /// <summary>Hard c-transforms: minima_i = min_j (C_ij - from_j) for side a, minima_j = min_i (C_ij - from_i) for side b.</summary>
    /// <param name="side">Whose atoms have the minima.</param>
    /// <param name="from">Potentials of the other side; minus infinity leaves an atom out.</param>
    /// <param name="minima">Receives them.</param>
    public void Transform(TransportSide side, ReadOnlySpan<double> from, Span<double> minima)
    {
        bool ofRows = side == TransportSide.A;
        double[] zeros = new double[minima.Length];
        double[] rowShift = Spread(ofRows ? zeros : from, _support.Sources, Rows, double.NegativeInfinity);
        double[] columnShift = Spread(ofRows ? from : zeros, _support.Sinks, Columns, double.NegativeInfinity);
        TensorPrimitives.Negate<double>(columnShift, columnShift);
        Price(side, rowShift, columnShift, 0, double.PositiveInfinity, 1);
        ReadOnlySpan<int> atoms = ofRows ? _support.Sources : _support.Sinks;
        for (int k = 0; k < minima.Length; k++)
            minima[k] = _prices[atoms[k]];
    }

    /// <summary>The arcs of the lowest prices C_ij + slack |C_ij| + columnShift_j - rowShift_i of each atom of a side.</summary>
    /// <param name="side">Whose atoms have the lists.</param>
    /// <param name="rowShift">One value a source; minus infinity leaves it out.</param>
    /// <param name="columnShift">One value a sink; plus infinity leaves it out.</param>
    /// <param name="slack">Share of |C| that is added.</param>
    /// <param name="limit">Prices have to be below it.</param>
    /// <param name="count">Arcs of an atom, at most.</param>
    /// <param name="lists">Receives them.</param>
    public void Lowest(
        TransportSide side, ReadOnlySpan<double> rowShift, ReadOnlySpan<double> columnShift, double slack, double limit, int count, ArcLists lists)
    {
        Price(
            side,
            Spread(rowShift, _support.Sources, Rows, double.NegativeInfinity),
            Spread(columnShift, _support.Sinks, Columns, double.PositiveInfinity),
            slack,
            limit,
            count);
        bool ofRows = side == TransportSide.A;
        ReadOnlySpan<int> atoms = ofRows ? _support.Sources : _support.Sinks;
        int[] places = ofRows ? _placesOfColumns : _placesOfRows;
        lists.Reset(atoms.Length, count, limit);
        for (int list = 0; list < atoms.Length; list++)
        {
            int end = (atoms[list] + 1) * count;
            for (int arc = end - count; arc < end && _ends[arc] >= 0; arc++)
                lists.Offer(list, _prices[arc], places[_ends[arc]]);
        }
    }

    /// <summary>
    /// Potentials of all atoms from those of the sources: g_j = min_i (C_ij - f_i) over the sources, for all j, and where side a has no mass
    /// f_i = min_j (C_ij - g_j) over all j.
    /// </summary>
    /// <param name="f">One value an atom of side a; those without mass receive theirs.</param>
    /// <param name="g">Receives one value an atom of side b.</param>
    /// <returns>The largest violation of f_i + g_j &lt;= C_ij, over all pairs; see <see cref="Backend.LargestViolation"/>.</returns>
    public double Extend(Span<double> f, Span<double> g)
    {
        double[] rowShift = new double[Rows];
        for (int i = 0; i < Rows; i++)
            rowShift[i] = _placesOfRows[i] < 0 ? double.NegativeInfinity : f[i];
        Price(TransportSide.B, rowShift, new double[Columns], 0, double.PositiveInfinity, 1);
        _prices.AsSpan(0, Columns).CopyTo(g);
        if (_support.SourceCount < Rows)
        {
            double[] columnShift = new double[Columns];
            TensorPrimitives.Negate<double>(g, columnShift);
            for (int i = 0; i < Rows; i++)
                rowShift[i] = _placesOfRows[i] < 0 ? 0 : double.NegativeInfinity;
            Price(TransportSide.A, rowShift, columnShift, 0, double.PositiveInfinity, 1);
            for (int i = 0; i < Rows; i++)
                f[i] = _placesOfRows[i] < 0 ? _prices[i] : f[i];
        }

        return Backend.LargestViolation(_loaded, 0, f, g, _execution);
    }

    /// <summary>
    /// Sweeps of the entropic problem over all pairs (<see cref="Backend.SinkhornSweep"/>), one at each eps. Potentials that come out beyond all
    /// numbers are not taken.
    /// </summary>
    /// <param name="epsilons">Falling.</param>
    /// <param name="f">Potentials of the sources, for weights of total one; receives new ones.</param>
    /// <param name="g">Those of the sinks.</param>
    public void Sweep(ReadOnlySpan<double> epsilons, Span<double> f, Span<double> g)
    {
        SinkhornStage[] stages = new SinkhornStage[epsilons.Length];
        for (int k = 0; k < stages.Length; k++)
            stages[k] = new SinkhornStage(epsilons[k], 1, 0);
        double[] all = new double[Rows + Columns];
        for (int k = 0; k < f.Length; k++)
            all[_support.Sources[k]] = f[k];
        for (int k = 0; k < g.Length; k++)
            all[Rows + _support.Sinks[k]] = g[k];
        using BackendBuffer<double> potentials = Backend.Allocate<double>(all.Length);
        using BackendBuffer<SinkhornState> states = Backend.Allocate<SinkhornState>(1);
        potentials.CopyFrom(all, 0);
        SinkhornState[] state = [SinkhornRule.Begin(0, stages.Length - 1, stages.Length, cold: false, relax: false, handOver: false, floor: 0)];
        while (state[0].Phase == SinkhornPhase.Running)
        {
            states.CopyFrom(state, 0);
            Backend.SinkhornSweep(_loaded, stages, states, potentials, stages.Length, _execution);
            states.CopyTo(state, 0);
        }

        potentials.CopyTo(all, 0);
        if (state[0].Phase == SinkhornPhase.Failed || !Array.TrueForAll(all, double.IsFinite))
            return;
        for (int k = 0; k < f.Length; k++)
            f[k] = all[_support.Sources[k]];
        for (int k = 0; k < g.Length; k++)
            g[k] = all[Rows + _support.Sinks[k]];
    }

    private void Price(TransportSide side, double[] rowShift, double[] columnShift, double slack, double limit, int count)
    {
        int length = Sizes.Product("The lists of arcs", side == TransportSide.A ? Rows : Columns, count, "use fewer atoms");
        ArcPrices wanted = new() { RowShift = rowShift, ColumnShift = columnShift, Slack = slack, Limit = limit, Count = count };
        Backend.ReducedCosts(
            _loaded, 0, wanted, side, ExactScratch.Grow(ref _prices, length).AsSpan(0, length), ExactScratch.Grow(ref _ends, length).AsSpan(0, length), _execution);
    }

    /// <summary>Values of the atoms with mass at their atoms, and what leaves an atom out at the others.</summary>
    private static double[] Spread(ReadOnlySpan<double> values, ReadOnlySpan<int> atoms, int count, double leftOut)
    {
        double[] all = new double[count];
        all.AsSpan().Fill(leftOut);
        for (int k = 0; k < atoms.Length; k++)
            all[atoms[k]] = values[k];
        return all;
    }

    private static int[] Places(ReadOnlySpan<int> atoms, int count)
    {
        int[] places = new int[count];
        places.AsSpan().Fill(-1);
        for (int k = 0; k < atoms.Length; k++)
            places[atoms[k]] = k;
        return places;
    }
}
