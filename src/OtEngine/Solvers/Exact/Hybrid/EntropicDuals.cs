using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Potentials that are nearly optimal, and the arcs an optimal plan is likely to need, for a fraction of what one dense
/// Sinkhorn iteration per level of eps would cost. From a sample of up to 512 atoms a side on, over samples of four times the
/// size, to all atoms: potentials of one level give those of the next by hard c-transforms; near arcs are chosen under
/// those, and eps is lowered over them alone, starting where no more than those share an atom's mass.
/// </summary>
/// <remarks>
/// Nothing here is trusted: what comes out is a start for a simplex whose end is proven.
/// </remarks>
internal sealed partial class EntropicDuals<T>(Execution execution)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Atoms a side of the first level, whose costs are stored: 2 MiB, which stay in the cache.</summary>
    private const int CoarseAtoms = 512;

    /// <summary>Atoms a side of the first level of a small problem, which has a quarter of its atoms.</summary>
    private const int FewestAtoms = 128;

    private const int LevelGrowth = 4;

    /// <summary>Arcs chosen of each atom. Of 8, 10, 12, 16 and 24 the best: with fewer, optimal arcs are missing; more cost time in every sweep.</summary>
    private const int NearArcs = 12;

    /// <summary>A row's chosen arcs at most: a heavy atom serves many, ties are countless.</summary>
    private const int MostNearArcs = 64 * NearArcs;

    /// <summary>Costs to so many atoms of the other side tell atoms apart well enough to share out masses.</summary>
    private const int LandmarkCount = 8;

    /// <summary>Arcs that share an atom's mass, on average, when near arcs are chosen anew: nearer to the end, they are better.</summary>
    private const double SomeNeighbours = 3;

    /// <summary>Arcs that share an atom's mass, on average, when eps is small enough for the last level.</summary>
    private const double FewNeighbours = 1.5;

    /// <summary>Arcs with at least this share of the mass of the smaller of their ends are strong.</summary>
    private const double StrongShare = 0.01;

    /// <summary>A basis has an arc less than there are atoms; so many tight arcs are no chance.</summary>
    private const double TightShare = 0.9;

    /// <summary>Sweeps over all pairs where a backend makes them. Of 1, 12 and 24 at n = 6000, d = 2 the fewest pivots; provisional until timed on a GPU.</summary>
    private const int FullSweeps = 12;

    /// <summary>What eps is multiplied by from one of those to the next; at 0.7 there are several times as many pivots. Provisional likewise.</summary>
    private const double FullSweepStep = 0.85;

    /// <summary>Rows a typical reduced cost is taken from.</summary>
    private const int WarmRows = 1000;

    private readonly CostRowsFactory<T> _factory = new();
    private readonly CoarseCosts _coarse = new();
    private readonly Annealing _annealing = new(execution);
    private readonly ArcLists _byRow = new();
    private readonly ArcLists _byColumn = new();
    private double[] _landmarksA = [];
    private double[] _landmarksB = [];
    private AtomSample _a = null!;
    private AtomSample _b = null!;
    private long _storeBudget;
    private Geometry<T> _geometry = null!;
    private ExactSupport<T> _support = null!;
    private ArcPasses<T>? _passes;

    /// <summary>Potentials of the sources.</summary>
    public ReadOnlySpan<double> F => _annealing.F;

    /// <summary>Potentials of the sinks.</summary>
    public ReadOnlySpan<double> G => _annealing.G;

    /// <summary>Arcs with a score up to it are strong: they carry a good part of the mass of one of their ends.</summary>
    public double StrongScore { get; private set; }

    /// <summary>C - f - g - eps log max(a, b), with weights of total one: -eps log of the share that an arc has of the smaller of its ends.</summary>
    public double Score(int source, int sink, double cost) =>
        cost - _annealing.F[source] - _annealing.G[sink] - (_annealing.Epsilon * Math.Max(_annealing.LogA[source], _annealing.LogB[sink]));

    /// <summary>Computes potentials of all atoms with mass, and their near arcs.</summary>
    /// <param name="rows">The costs between atoms with mass.</param>
    /// <param name="geometry">Where they come from.</param>
    /// <param name="support">The atoms with mass.</param>
    /// <param name="start">Potentials to take instead, if there are any.</param>
    /// <param name="storeBudget">Bytes that may be spent on costs between samples.</param>
    /// <param name="passes">Passes over all pairs where a remote backend makes them; null where the rows are read for that.</param>
    /// <param name="arcs">Receives the near arcs.</param>
    /// <returns>False if that failed: costs that tie or overflow, for instance.</returns>
    public bool TryCompute<TRows>(
        in TRows rows,
        Geometry<T> geometry,
        ExactSupport<T> support,
        DualPotentials? start,
        long storeBudget,
        ArcPasses<T>? passes,
        CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        (_geometry, _support, _storeBudget, _passes) = (geometry, support, storeBudget, passes);
        if (start is not null)
        {
            Draw(int.MaxValue);
            for (int j = 0; j < support.SinkCount; j++)
                _annealing.G[j] = start.G.Span[support.Sinks[j]];
            Settle(rows, arcs);
        }
        else if (!TryLevels(rows, arcs))
        {
            return false;
        }
        else if (_annealing.Epsilon == 0)
        {
            Settle(rows, arcs);
        }
        else
        {
            Refine(rows, arcs, 1, 1, FewNeighbours);
            StrongScore = -_annealing.Epsilon * Math.Log(StrongShare);
        }

        return _annealing.IsFinite;
    }

    /// <summary>
    /// From the potentials of G as they were given. If they are optimal for these costs, the arcs that are tight under them span a basis, whatever the
    /// weights, and are served as they are. If not, sweeps make the best of them, from a tenth of the typical reduced cost of a near arc on.
    /// </summary>
    private void Settle<TRows>(in TRows rows, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        double[] f = _annealing.F;
        double[] g = _annealing.G;
        _annealing.Epsilon = 0;
        Transform(rows);
        Select(rows, arcs);
        StrongScore = 0;
        List<double> reduced = [];
        int tight = 0;
        for (int i = 0; i < f.Length; i++)
        {
            ReadOnlySpan<int> sinks = arcs.BySource.EndsOf(i);
            ReadOnlySpan<double> costs = arcs.BySource.CostsOf(i);
            for (int k = 0; k < sinks.Length; k++)
            {
                double value = costs[k] - f[i] - g[sinks[k]];
                double noise = IPricer.Slack * (Math.Abs(costs[k]) + Math.Abs(f[i]));
                if (value <= noise)
                {
                    tight++;
                    StrongScore = Math.Max(StrongScore, noise);
                }
                else if (i % (1 + (f.Length / WarmRows)) == 0)
                {
                    reduced.Add(value);
                }
            }
        }

        if (tight >= TightShare * (f.Length + g.Length) || reduced.Count == 0)
            return;
        reduced.Sort();
        _annealing.Epsilon = reduced[reduced.Count / 2] / 10;
        _annealing.Run(arcs, 1, 1, FewNeighbours);
        StrongScore = -_annealing.Epsilon * Math.Log(StrongShare);
    }

    /// <summary>From the potentials of G: near arcs, sweeps, near arcs again under what those gave, sweeps.</summary>
    private void Refine<TRows>(in TRows rows, CandidateArcs arcs, double moreSources, double moreSinks, double enough)
        where TRows : struct, ICostRows
    {
        Transform(rows);
        Select(rows, arcs);
        _annealing.Run(arcs, moreSources, moreSinks, Math.Max(enough, SomeNeighbours));
        Select(rows, arcs);
        _annealing.Run(arcs, moreSources, moreSinks, enough);
    }

    /// <summary>F becomes the hard c-transform of G.</summary>
    private void Transform<TRows>(in TRows rows)
        where TRows : struct, ICostRows
    {
        if (_passes is null)
            SoftMin.Rows(rows, 1, Array.ConvertAll(_annealing.G, g => -g), _annealing.F, null, execution);
        else
            _passes.Transform(TransportSide.A, _annealing.G, _annealing.F);
    }

    /// <summary>The near arcs: smallest reduced costs, weights included, so that arcs of large entropic mass are among them.</summary>
    private void Select<TRows>(in TRows rows, CandidateArcs arcs)
        where TRows : struct, ICostRows
    {
        double[] f = new double[rows.Rows];
        double[] g = new double[rows.Columns];
        TensorPrimitives.MultiplyAdd(_annealing.LogA, _annealing.Epsilon, _annealing.F, f);
        TensorPrimitives.MultiplyAdd(_annealing.LogB, _annealing.Epsilon, _annealing.G, g);
        int k = Math.Min(NearArcs, Math.Min(f.Length, g.Length));
        if (_passes is null)
        {
            ReducedCosts.Smallest(rows, f, g, k, MostNearArcs, arcs.BySource, execution);
        }
        else
        {
            TensorPrimitives.Negate<double>(g, g);
            _passes.Lowest(TransportSide.A, f, g, 0, double.PositiveInfinity, k, _byRow);
            _passes.Lowest(TransportSide.B, f, g, 0, double.PositiveInfinity, k, _byColumn);
            arcs.Reset(f.Length);
            arcs.Add(rows, _byRow, _byColumn, execution.Cancellation);
        }

        arcs.IndexSinks(g.Length);
    }
}
