using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Potentials that are nearly optimal, and the arcs an optimal plan is likely to need, for a fraction of what one dense
/// Sinkhorn iteration per level of eps would cost. From a sample of 512 atoms a side on, over samples of four times the
/// size, to all atoms: potentials of one level give those of the next by hard c-transforms; near arcs are chosen under
/// those, and eps is lowered over them alone, starting where no more than those share an atom's mass.
/// </summary>
/// <remarks>
/// Nothing here is trusted: what comes out is a start for a simplex whose end is proven. The sequence of eps is fine and each
/// step is extrapolated (f(eps) is nearly linear in eps), which brings a sweep ten times closer than restarting it.
/// </remarks>
internal sealed class EntropicDuals<T>(Execution execution)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Atoms a side of the first level, whose costs are stored: 2 MiB, which stay in the cache.</summary>
    private const int CoarseAtoms = 512;

    private const int LevelGrowth = 4;

    /// <summary>Arcs chosen of each atom.</summary>
    private const int NearArcs = 16;

    /// <summary>A row's chosen arcs at most: a heavy atom serves many, ties are countless.</summary>
    private const int MostNearArcs = 64 * NearArcs;

    /// <summary>Costs to so many atoms of the other side tell atoms apart well enough to share out masses.</summary>
    private const int LandmarkCount = 8;

    /// <summary>Arcs that share an atom's mass, on average, when eps is small enough for the last level.</summary>
    private const double FewNeighbours = 1.3;

    /// <summary>What eps is multiplied by from sweep to sweep of the stored sample.</summary>
    private const double CoarseStep = 0.85;
    /// <summary>The same over near arcs. Slower steps need fewer pivots later: of 0.8, 0.85, 0.9, 0.93 and 0.95 the best total.</summary>
    private const double Step = 0.93;
    /// <summary>Share of the last change, scaled to the next step of eps, by which potentials are carried on; 1 amplifies noise.</summary>
    private const double Extrapolated = 0.95;
    private const int MostSweeps = 200;
    /// <summary>Sweeps at the last eps of a level, which take out what extrapolation overshot.</summary>
    private const int SettlingSweeps = 3;

    /// <summary>Uneven weights leave heavy atoms with many neighbours: past a fall of less than 3 % in 20 sweeps, a smaller eps changes nothing.</summary>
    private const double Standstill = 0.97;

    private const int StandstillSweeps = 20;

    /// <summary>Arcs with at least this share of the mass of the smaller of their ends are strong.</summary>
    private const double StrongShare = 0.01;

    /// <summary>A basis has an arc less than there are atoms; so many tight arcs are no chance.</summary>
    private const double TightShare = 0.9;

    /// <summary>Rows a typical reduced cost is taken from.</summary>
    private const int WarmRows = 1000;

    private readonly CostRowsFactory<T> _factory = new();
    private readonly ArcSweep _sweep = new(execution.Cancellation);
    private double[] _landmarksA = [];
    private double[] _landmarksB = [];
    private AtomSample _a = null!;
    private AtomSample _b = null!;
    private double[] _coarse = [];
    private double[] _coarseTransposed = [];
    private double _scale;
    private Geometry<T> _geometry = null!;
    private ExactSupport<T> _support = null!;

    public double[] F { get; private set; } = [];

    public double[] G { get; private set; } = [];

    /// <summary>Logarithms of the shares of the sources.</summary>
    public double[] LogA { get; private set; } = [];

    public double[] LogB { get; private set; } = [];

    /// <summary>The eps at which the potentials are.</summary>
    public double Epsilon { get; private set; }

    /// <summary>Up to it, the score C - f - g - eps log max(a, b) of an arc, all of total one, says that it carries a good part of the mass of one of its ends.</summary>
    public double StrongScore { get; private set; }

    /// <summary>Computes potentials of all atoms with mass, and their near arcs.</summary>
    /// <returns>False if that failed: costs that tie or overflow, for instance.</returns>
    public bool TryCompute<TRows>(
        in TRows rows, Geometry<T> geometry, ExactSupport<T> support, DualPotentials? start, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        (_geometry, _support) = (geometry, support);
        StrongScore = 0;
        if (start is not null)
            TakeWarm(rows, start, arcs);
        else if (TryLevels(arcs))
            Refine(rows, arcs, 1, 1, FewNeighbours);
        else
            return false;
        return IsFinite(F) && IsFinite(G);
    }

    private static bool IsFinite(double[] values) => Array.TrueForAll(values, double.IsFinite);

    /// <summary>
    /// Potentials that were given. If they are optimal for these costs, the arcs that are tight under them span a basis, whatever the
    /// weights, and are served as they are. If not, sweeps make the best of them, from a tenth of the typical reduced cost of a near arc on.
    /// </summary>
    private void TakeWarm<TRows>(in TRows rows, DualPotentials start, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        Draw(int.MaxValue);
        for (int j = 0; j < G.Length; j++)
            G[j] = start.G.Span[_support.Sinks[j]];
        Epsilon = 0;
        Transform(rows);
        Select(rows, arcs);
        List<double> reduced = [];
        int tight = 0;
        for (int i = 0; i < F.Length; i++)
        {
            ReadOnlySpan<int> sinks = arcs.BySource.EndsOf(i);
            ReadOnlySpan<double> costs = arcs.BySource.CostsOf(i);
            for (int k = 0; k < sinks.Length; k++)
            {
                double value = costs[k] - F[i] - G[sinks[k]];
                double noise = IPricer.Slack * (Math.Abs(costs[k]) + Math.Abs(F[i]));
                if (value <= noise)
                {
                    tight++;
                    StrongScore = Math.Max(StrongScore, noise);
                }
                else if (i % (1 + (F.Length / WarmRows)) == 0)
                {
                    reduced.Add(value);
                }
            }
        }

        if (tight >= TightShare * (F.Length + G.Length) || reduced.Count == 0)
            return;
        reduced.Sort();
        Epsilon = reduced[reduced.Count / 2] / 10;
        Anneal(arcs, 1, 1, FewNeighbours);
    }

    private bool TryLevels(CandidateArcs arcs)
    {
        int most = Math.Max(_support.SourceCount, _support.SinkCount);
        if (most > CoarseAtoms)
        {
            Use(_support.Sources, Pick(_support.Sinks, AtomSample.Draw(_support.B, _support.Mass, LandmarkCount).Atoms), new LandmarkUser(this, sideA: true));
            Use(Pick(_support.Sources, AtomSample.Draw(_support.A, _support.Mass, LandmarkCount).Atoms), _support.Sinks, new LandmarkUser(this, sideA: false));
        }

        int size = CoarseAtoms;
        Draw(size);
        Use(Pick(_support.Sources, _a.Atoms), Pick(_support.Sinks, _b.Atoms), new CoarseUser(this));
        if (!TryScale())
            return false;
        Epsilon = _scale;
        while (true)
        {
            int next = size <= most / (2 * LevelGrowth) ? size * LevelGrowth : int.MaxValue;
            double moreSources = Math.Min(next, _support.SourceCount) / (double)_a.Atoms.Length;
            double moreSinks = Math.Min(next, _support.SinkCount) / (double)_b.Atoms.Length;
            if (size == CoarseAtoms)
                Anneal(null, moreSources, moreSinks, NearArcs);
            else
                Use(Pick(_support.Sources, _a.Atoms), Pick(_support.Sinks, _b.Atoms), new RefineUser(this, arcs, moreSources, moreSinks));
            if (!IsFinite(F) || !IsFinite(G))
                return false;

            // Potentials of the next sinks from the sources of this level.
            int[] sources = Pick(_support.Sources, _a.Atoms);
            double[] f = F;
            size = next;
            Draw(size);
            G.AsSpan().Fill(double.PositiveInfinity);
            Use(sources, Pick(_support.Sinks, _b.Atoms), new ExtendUser(this, f));
            if (size == int.MaxValue)
                return true;
        }
    }

    /// <summary>Samples of both sides, of so many atoms at most.</summary>
    private void Draw(int count)
    {
        _a = AtomSample.Draw(_support.A, _support.Mass, count);
        _b = AtomSample.Draw(_support.B, _support.Mass, count);
        _a.Gather(_landmarksA, _support.A, _support.Mass, execution);
        _b.Gather(_landmarksB, _support.B, _support.Mass, execution);
        LogA = Logarithms(_a.Shares);
        LogB = Logarithms(_b.Shares);
        F = new double[LogA.Length];
        G = new double[LogB.Length];
    }

    /// <summary>An atom like another may have been left without a share: that stays finite.</summary>
    private static double[] Logarithms(double[] shares) => Array.ConvertAll(shares, share => Math.Log(Math.Max(share, double.Epsilon)));

    private static int[] Pick(ReadOnlySpan<int> atoms, int[] places)
    {
        int[] picked = new int[places.Length];
        for (int k = 0; k < places.Length; k++)
            picked[k] = atoms[places[k]];
        return picked;
    }

    private void Use<TUser>(ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, TUser user)
        where TUser : struct, ICostRowsUser => _factory.Use(_geometry, sources, sinks, 0, ref user, execution.Cancellation);

    /// <summary>Hard c-transforms, then the median of the positive reduced costs of the sample as the scale of eps; false if there is none.</summary>
    private bool TryScale()
    {
        int n = F.Length;
        int m = G.Length;
        for (int i = 0; i < n; i++)
            F[i] = Least(_coarse.AsSpan(i * m, m), G);
        List<double> positive = new(n * m / 4);
        for (int j = 0; j < m; j++)
        {
            ReadOnlySpan<double> column = _coarseTransposed.AsSpan(j * n, n);
            G[j] = Least(column, F);
            for (int i = j % 7; i < n; i += 7)
            {
                double reduced = column[i] - F[i] - G[j];
                if (reduced > 0 && double.IsFinite(reduced))
                    positive.Add(reduced);
            }
        }

        positive.Sort();
        _scale = positive.Count == 0 ? 0 : positive[positive.Count / 2];
        return _scale > 0;
    }

    private static double Least(ReadOnlySpan<double> costs, double[] potentials)
    {
        double least = double.PositiveInfinity;
        for (int k = 0; k < costs.Length; k++)
            least = Math.Min(least, costs[k] - potentials[k]);
        return least;
    }

    private void Refine<TRows>(in TRows rows, CandidateArcs arcs, double moreSources, double moreSinks, double enough)
        where TRows : struct, ICostRows
    {
        Transform(rows);
        Select(rows, arcs);
        Anneal(arcs, moreSources, moreSinks, Math.Max(enough, NearArcs / 4));
        Select(rows, arcs);
        Anneal(arcs, moreSources, moreSinks, enough);
    }

    /// <summary>F becomes the hard c-transform of G.</summary>
    private void Transform<TRows>(in TRows rows)
        where TRows : struct, ICostRows => SoftMin.Rows(rows, 1, Array.ConvertAll(G, g => -g), F, null, execution);

    /// <summary>The near arcs: smallest reduced costs, weights included, so that arcs of large entropic mass are among them.</summary>
    private void Select<TRows>(in TRows rows, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        double[] f = new double[F.Length];
        double[] g = new double[G.Length];
        for (int i = 0; i < f.Length; i++)
            f[i] = F[i] + (Epsilon * LogA[i]);
        for (int j = 0; j < g.Length; j++)
            g[j] = G[j] + (Epsilon * LogB[j]);
        int k = Math.Min(NearArcs, Math.Min(f.Length, g.Length));
        ReducedCosts.Smallest(rows, f, g, k, MostNearArcs, arcs.BySource, execution);
        arcs.IndexSinks(g.Length);
    }

    /// <summary>
    /// Sweeps while eps falls, until few enough arcs would share an atom's mass if there were so many times more atoms.
    /// </summary>
    /// <param name="arcs">The arcs; null for all of the stored sample.</param>
    /// <param name="moreSources">Sources of the next level for each of this one.</param>
    /// <param name="moreSinks">Sinks of the next level for each of this one.</param>
    /// <param name="enough">Neighbours at which to stop.</param>
    private void Anneal(CandidateArcs? arcs, double moreSources, double moreSinks, double enough)
    {
        double step = arcs is null ? CoarseStep : Step;
        double[] lastF = (double[])F.Clone();
        double[] lastG = (double[])G.Clone();
        double before = double.PositiveInfinity;
        for (int k = 0; k < MostSweeps; k++)
        {
            double neighbours = Sweep(arcs, moreSources, moreSinks);
            if (neighbours <= enough)
                break;
            if (k % StandstillSweeps == 0)
            {
                if (neighbours > Standstill * before)
                    break;
                before = neighbours;
            }

            // The first sweep corrects what came from elsewhere; that is no trend.
            Extrapolate(F, lastF, k == 0 ? 0 : step * Extrapolated);
            Extrapolate(G, lastG, k == 0 ? 0 : step * Extrapolated);
            Epsilon *= step;
        }

        for (int k = 0; k < SettlingSweeps; k++)
            Sweep(arcs, moreSources, moreSinks);
        StrongScore = -Epsilon * Math.Log(StrongShare);
    }

    private double Sweep(CandidateArcs? arcs, double moreSources, double moreSinks)
    {
        execution.Report(0);
        if (arcs is null)
            _sweep.Update(_coarse.AsSpan(0, F.Length * G.Length), G, LogB, _a.Shares, Epsilon, F);
        else
            _sweep.Update(arcs.BySource, G, LogB, _a.Shares, Epsilon, F);
        double ofSources = 1 + ((_sweep.Neighbours - 1) * moreSinks);
        if (arcs is null)
            _sweep.Update(_coarseTransposed.AsSpan(0, F.Length * G.Length), F, LogA, _b.Shares, Epsilon, G);
        else
            _sweep.Update(arcs.BySink, F, LogA, _b.Shares, Epsilon, G);
        return Math.Min(ofSources, 1 + ((_sweep.Neighbours - 1) * moreSources));
    }

    private static void Extrapolate(double[] values, double[] last, double factor)
    {
        for (int k = 0; k < values.Length; k++)
        {
            double change = values[k] - last[k];
            last[k] = values[k];
            values[k] += factor * change;
        }
    }

    private void TakeLandmarks<TRows>(in TRows rows, bool sideA)
        where TRows : struct, ICostRows
    {
        double[] landmarks = new double[rows.Rows * rows.Columns];
        for (int i = 0; i < rows.Rows; i++)
        {
            for (int j = 0; j < rows.Columns; j++)
                landmarks[sideA ? (i * rows.Columns) + j : (j * rows.Rows) + i] = rows.Cost(i, j);
        }

        if (sideA)
            _landmarksA = landmarks;
        else
            _landmarksB = landmarks;
    }

    private void StoreCoarse<TRows>(in TRows rows)
        where TRows : struct, ICostRows
    {
        int n = rows.Rows;
        int m = rows.Columns;
        Span<double> costs = ExactScratch.Grow(ref _coarse, n * m);
        Span<double> transposed = ExactScratch.Grow(ref _coarseTransposed, n * m);
        for (int i = 0; i < n; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.CopyRow(rows, i, costs.Slice(i * m, m));
            for (int j = 0; j < m; j++)
                transposed[(j * n) + i] = costs[(i * m) + j];
        }
    }

    private void Extend<TRows>(in TRows rows, double[] f)
        where TRows : struct, ICostRows
    {
        for (int i = 0; i < rows.Rows; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.LowerColumns(rows, i, f[i], G);
        }
    }

    private readonly struct LandmarkUser(EntropicDuals<T> owner, bool sideA) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.TakeLandmarks(rows, sideA);
    }

    private readonly struct CoarseUser(EntropicDuals<T> owner) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.StoreCoarse(rows);
    }

    private readonly struct ExtendUser(EntropicDuals<T> owner, double[] f) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.Extend(rows, f);
    }

    private readonly struct RefineUser(EntropicDuals<T> owner, CandidateArcs arcs, double moreSources, double moreSinks) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => owner.Refine(rows, arcs, moreSources, moreSinks, NearArcs);
    }
}
