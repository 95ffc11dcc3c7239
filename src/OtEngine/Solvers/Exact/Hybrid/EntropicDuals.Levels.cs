using System.Numerics;

namespace OtEngine;

/// <summary>From a sample of the atoms to all of them.</summary>
internal sealed partial class EntropicDuals<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>
    /// Potentials of all sinks, over samples of more and more of the atoms; where a remote backend makes the passes the first sample leads to all
    /// atoms at once, and where its costs tie to an eps of zero.
    /// </summary>
    private bool TryLevels<TRows>(in TRows rows, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        int most = Math.Max(_support.SourceCount, _support.SinkCount);
        TakeLandmarks(rows);
        int coarse = Math.Clamp(most / 4, FewestAtoms, CoarseAtoms);
        int size = coarse;
        Draw(size);
        Use(Pick(_support.Sources, _a.Atoms), Pick(_support.Sinks, _b.Atoms), new CoarseUser(_coarse, execution.Cancellation));
        _annealing.Epsilon = _coarse.Scale(_annealing.F, _annealing.G);
        if (_annealing.Epsilon == 0 && _passes is null)
            return false;
        while (true)
        {
            int next = _passes is null && size <= most / (2 * LevelGrowth) ? size * LevelGrowth : int.MaxValue;
            double moreSources = Math.Min(next, _support.SourceCount) / (double)_a.Atoms.Length;
            double moreSinks = Math.Min(next, _support.SinkCount) / (double)_b.Atoms.Length;
            if (size > coarse)
                Use(Pick(_support.Sources, _a.Atoms), Pick(_support.Sinks, _b.Atoms), new RefineUser(this, arcs, moreSources, moreSinks));
            else if (_annealing.Epsilon > 0)
                _annealing.Run(_coarse, moreSources, moreSinks, NearArcs);
            if (!_annealing.IsFinite)
                return false;

            // Potentials of the next sinks from the sources of this level.
            int[] places = _a.Atoms;
            double[] f = _annealing.F;
            size = next;
            Draw(size);
            _annealing.G.AsSpan().Fill(double.PositiveInfinity);
            if (size == int.MaxValue)
            {
                if (_passes is null)
                    Extend(rows, places, f);
                else
                    Extend(_passes, places, f);
                return true;
            }

            Use(Pick(_support.Sources, places), Pick(_support.Sinks, _b.Atoms), new ExtendUser(this, f));
        }
    }

    /// <summary>Samples of both sides, of so many atoms at most.</summary>
    private void Draw(int count)
    {
        _a = AtomSample.Draw(_support.A, _support.Mass, count);
        _b = AtomSample.Draw(_support.B, _support.Mass, count);
        _a.Gather(_landmarksA, _support.A, _support.Mass, execution);
        _b.Gather(_landmarksB, _support.B, _support.Mass, execution);
        _annealing.Begin(_a, _b);
    }

    private static int[] Pick(ReadOnlySpan<int> atoms, int[] places)
    {
        int[] picked = new int[places.Length];
        for (int k = 0; k < places.Length; k++)
            picked[k] = atoms[places[k]];
        return picked;
    }

    private void Use<TUser>(ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, TUser user)
        where TUser : struct, ICostRowsUser => _factory.Use(_geometry, sources, sinks, _storeBudget, ref user, execution.Cancellation);

    /// <summary>Costs of all atoms to a few of the other side.</summary>
    private void TakeLandmarks<TRows>(in TRows rows)
        where TRows : struct, ICostRows
    {
        int[] sources = AtomSample.Draw(_support.A, _support.Mass, LandmarkCount).Atoms;
        int[] sinks = AtomSample.Draw(_support.B, _support.Mass, LandmarkCount).Atoms;
        _landmarksA = new double[rows.Rows * sinks.Length];
        _landmarksB = new double[rows.Columns * sources.Length];
        double[] row = new double[rows.Columns];
        for (int k = 0; k < sources.Length; k++)
        {
            CostRowsOperations.CopyRow(rows, sources[k], row);
            for (int j = 0; j < row.Length; j++)
                _landmarksB[(j * sources.Length) + k] = row[j];
        }

        for (int i = 0; i < rows.Rows; i++)
        {
            for (int k = 0; k < sinks.Length; k++)
                _landmarksA[(i * sinks.Length) + k] = rows.Cost(i, sinks[k]);
        }
    }

    /// <summary>Lowers G by the rows at some places.</summary>
    private void Extend<TRows>(in TRows rows, int[] places, double[] f)
        where TRows : struct, ICostRows
    {
        for (int k = 0; k < places.Length; k++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.LowerColumns(rows, places[k], f[k], _annealing.G);
        }
    }

    /// <summary>The same by passes of a backend, and then what the sample did not see: sweeps over all pairs, from a larger eps down to where it is.</summary>
    private void Extend(ArcPasses<T> passes, int[] places, double[] f)
    {
        double[] from = new double[_support.SourceCount];
        from.AsSpan().Fill(double.NegativeInfinity);
        for (int k = 0; k < places.Length; k++)
            from[places[k]] = f[k];
        passes.Transform(TransportSide.B, from, _annealing.G);
        if (_annealing.Epsilon == 0)
            return;
        passes.Transform(TransportSide.A, _annealing.G, _annealing.F);
        double[] epsilons = new double[FullSweeps];
        for (int k = 0; k < epsilons.Length; k++)
            epsilons[k] = _annealing.Epsilon * Math.Pow(FullSweepStep, k - epsilons.Length + 1);
        passes.Sweep(epsilons, _annealing.F, _annealing.G);
    }

    private readonly struct CoarseUser(CoarseCosts costs, CancellationToken cancellation) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => costs.Store(rows, cancellation);
    }

    private readonly struct ExtendUser(EntropicDuals<T> owner, double[] f) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.Extend(rows, [.. Enumerable.Range(0, rows.Rows)], f);
    }

    private readonly struct RefineUser(EntropicDuals<T> owner, CandidateArcs arcs, double moreSources, double moreSinks) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.Refine(rows, arcs, moreSources, moreSinks, NearArcs);
    }
}
