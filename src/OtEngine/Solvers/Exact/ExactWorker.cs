using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Solves rows of a table on one thread, one after another, in memory it keeps. Atoms without mass are left out of the
/// simplex. What a solve leaves behind (basis, node values, status) is read by <see cref="ExactAnswer{T}"/>.
/// </summary>
internal sealed class ExactWorker<T>(Exact options, ProblemTable<T> table, Execution execution) : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Costs this many times the average cost of the plan go to the first tier of a tiered solve.</summary>
    private const double TierRatio = 1L << 20;

    private const int MostTierRounds = 6;

    /// <summary>Arcs from which on the hybrid method is faster: the two take as long at n = 500 to 600, in 2 and in 64 dimensions; at 1000 it takes half as long.</summary>
    private const long HybridArcs = 300_000;

    /// <summary>Atoms of the smaller side, and of the larger for each of those, for which the same holds: a few sources share out the sinks in large regions, of which near arcs say little.</summary>
    private const int HybridAtoms = 256;

    private const int HybridAspect = 16;

    /// <summary>2 to this is an eighth of the range: sums of a few artificial costs and real ones stay finite.</summary>
    private const int LargestArtificialExponent = 1020;

    /// <summary>Largest share of the cost by which what pricing may have overlooked leaves a basis accepted without rebasing.</summary>
    private const double OverlookedShare = 5e-10;

    /// <summary>
    /// What the rounding of weights and potentials can move primal and dual apart, as a share of sum a |f| + sum b |g|: two
    /// roundings of a weight as given and rescaled, two of a potential. No plan can be told from the optimal one below that.
    /// </summary>
    private const double WeightRounding = 4.0 / (1L << 52);

    private double _absolutePrimal;
    private double _absoluteDual;
    private double _largestPotential;
    private double _overlooked;
    private double[] _shift = [];
    private double[] _u = [];
    private double[] _huge = [];
    private readonly ExactScratch _scratch = new();

    // A problem alone has all threads; a batch has enough to do for them.
    private readonly HybridSimplex<T> _hybrid = new(execution, table.Rows.Length == 1 ? execution : execution.OnOneThread());

    public CostRowsFactory<T> RowsFactory { get; } = new();

    /// <summary>The atoms of the problem that have mass.</summary>
    public ExactSupport<T> Support { get; } = new();

    /// <summary>Passes over all pairs of the problem, where a remote backend made them; else null.</summary>
    public ArcPasses<T>? Passes { get; private set; }

    public SolveStatus Status { get; private set; }

    public long Pivots { get; private set; }

    public SpanningTree Tree { get; } = new();

    /// <summary>f by source, then -g by sink.</summary>
    public ReadOnlySpan<double> U => _u.AsSpan(0, Support.SourceCount + Support.SinkCount);

    /// <summary>sum C P over the basis.</summary>
    public double PrimalCost { get; private set; }

    /// <summary>sum a f + sum b g.</summary>
    public double DualCost { get; private set; }

    public void Solve(int row)
    {
        ProblemRow problem = table.Rows[row];
        Geometry<T> geometry = table.Geometries[problem.Geometry];
        if (problem.Transposed != 0)
            Throw.Unsupported("Exact transport reads geometries as they are stored; exchange the sides of the problem instead.");
        Support.Take(table.WeightsA(problem), table.WeightsB(problem));
        ExactScratch.Grow(ref _u, Support.SourceCount + Support.SinkCount + 1);
        Pivots = 0;
        EndPasses();
        if (geometry is SparseGeometry<T> sparse)
        {
            SolveSparse(sparse);
            return;
        }

        Simplex user = new(this, geometry);
        if (execution.Backend.IsRemote && IsHybrid(Support.SourceCount, Support.SinkCount))
        {
            Passes = new ArcPasses<T>(table, row, Support, execution);
            RowsFactory.UseFew(geometry, Support.Sources, Support.Sinks, ref user, execution.Cancellation);
            if (Passes is not null)
                return;
        }

        RowsFactory.Use(geometry, Support.Sources, Support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
    }

    public void Dispose()
    {
        EndPasses();
        RowsFactory.Release();
    }

    /// <summary>
    /// Supply left on artificial arcs. Where a sparse geometry falls into parts, the totals of a part may differ as those of a problem may:
    /// 0.1 + 0.2 is not 0.3.
    /// </summary>
    public double Stranded
    {
        get
        {
            long units = 0;
            for (int i = 0; i < Support.SourceCount; i++)
                units += Tree.Parent(i) == Support.SourceCount + Support.SinkCount ? Tree.Flow(i) : 0;
            return Math.ScaleB(units, -Support.UnitExponent);
        }
    }

    /// <summary>
    /// |primal - dual| as a share of the larger one, less what rounding of the weights explains; 0 if that is all of it. Two measures
    /// that differ by a rounding cost 1e-17 to match, of which the weights in double determine no digit.
    /// </summary>
    /// <param name="dual">sum a f + sum b g.</param>
    /// <param name="absoluteDual">sum a |f| + sum b |g|.</param>
    public double RelativeGap(double dual, double absoluteDual)
    {
        double excess = Math.Abs(PrimalCost - dual) - Rounding(absoluteDual);
        return PrimalCost == dual || excess <= 0 ? 0 : excess / Math.Max(Math.Abs(PrimalCost), Math.Abs(dual));
    }

    // Where costs of both signs cancel, the digits that are lost are those of the costs: that is no excuse.
    private double Rounding(double absoluteDual) =>
        _absolutePrimal <= 2 * Math.Abs(PrimalCost) && double.IsFinite(absoluteDual) ? WeightRounding * absoluteDual : 0;

    private long MaxPivots => options.MaxIterations ?? 1_000_000 + (1000L * (Support.SourceCount + Support.SinkCount));

    private void SolveComplete<TRows>(in TRows rows, Geometry<T> geometry)
        where TRows : struct, ICostRows
    {
        long pivots = 0;
        if (IsHybrid(rows.Rows, rows.Columns) && _hybrid.TryStart(rows, geometry, Support, Start(geometry), StoreBudgetLeft(geometry), Passes, Tree, _scratch))
        {
            Status = _hybrid.Run(rows, Passes, Tree, _u, options.HybridRounds, MaxPivots, ref pivots);
        }
        else if (Passes is not null)
        {
            // Costs that overflow: on, from the start, with rows that the simplex can read as a whole.
            EndPasses();
            return;
        }
        else
        {
            StartBasis(rows, geometry);
            PlainPricer<TRows> pricer = new(rows, _u);
            Status = NetworkSimplex.Run(Tree, ref pricer, MaxPivots, execution, ref pivots);
        }

        Pivots = pivots;
        CompleteArcs<TRows> arcs = new(rows);
        Weigh(arcs);
        Certify(arcs, artificialCost: 0);
    }

    /// <summary>
    /// Accepts a basis only if its potentials prove it optimal. Where they are so large that the slack of pricing, or the
    /// rounding of the dual, could hide a better plan, either only the potentials suffer: then they are rebased. Or the
    /// basis does too: then the simplex goes on from it with the large costs in a tier of their own.
    /// </summary>
    private void Certify<TArcs>(in TArcs arcs, double artificialCost)
        where TArcs : struct, ITierArcs
    {
        if (Status != SolveStatus.Converged || (artificialCost == 0 && IsProven && _overlooked <= OverlookedShare * Math.Abs(PrimalCost)))
            return;
        double before = double.PositiveInfinity;
        for (int round = 0; ; round++)
        {
            if (IsProvenByRebase(arcs))
                return;
            double cost = Math.Abs(PrimalCost);
            if (round == MostTierRounds || (round > 1 && cost > before / 2) || !double.IsFinite(cost))
                break;
            before = cost;
            ExactScratch.Grow(ref _huge, Support.SourceCount + Support.SinkCount + 1);
            RunTiered(arcs, TierRatio * cost / Support.Mass, artificialCost);
            Weigh(arcs);
            if (Status != SolveStatus.Converged)
                return;
        }

        Status = IsRepresentable ? SolveStatus.Stalled : SolveStatus.NumericalFailure;
    }

    private bool IsRepresentable => double.IsFinite(PrimalCost) && double.IsFinite(DualCost) && _largestPotential <= IPricer.LargestPotential;

    private bool IsProven => IsRepresentable && RelativeGap(DualCost, _absoluteDual) <= ElementType.CertificateTolerance<double>();

    /// <summary>Rebased potentials are feasible whatever their size; what remains is the gap, and what lowering f by the violation would cost.</summary>
    private bool IsProvenByRebase<TArcs>(in TArcs arcs)
        where TArcs : struct, ITierArcs
    {
        if (!ComponentRebase.TryApply(arcs, Tree, _u, execution.Cancellation, out double violation))
            return false;
        Weigh(arcs);
        return IsProven && violation * Support.Mass <= (ElementType.CertificateTolerance<double>() * Math.Abs(PrimalCost)) + Rounding(_absoluteDual);
    }

    private void RunTiered<TArcs>(in TArcs arcs, double threshold, double artificialCost)
        where TArcs : struct, ITierArcs
    {
        TieredPricer<TArcs> pricer = new(arcs, threshold, artificialCost, _huge, _u);
        long pivots = Pivots;
        Status = NetworkSimplex.Run(Tree, ref pricer, MaxPivots, execution, ref pivots);
        Pivots = pivots;
    }

    private void SolveSparse(SparseGeometry<T> geometry)
    {
        SparseArcs arcs = SparseArcs.Between(geometry, Support.Sources, Support.Sinks, _scratch, out double largest);
        int root = Support.SourceCount + Support.SinkCount;
        Span<double> shift = SinkShift(geometry);
        if (options.WarmStart is null)
            shift.Clear();
        GreedyBasis.Build(arcs, Support.Supplies, Support.Demands, shift, Tree, _scratch, execution.Cancellation);

        // A power of two above any path's cost: sums of a few of them are exact.
        int exponent = Math.ILogB(Math.Max(largest, double.Epsilon)) + 2 + BitOperations.Log2((uint)root + 1);
        double artificialCost = Math.ScaleB(1, Math.Min(exponent, LargestArtificialExponent));
        ExactScratch.Grow(ref _huge, root + 1);
        RunTiered(arcs, double.PositiveInfinity, artificialCost);
        if (Status == SolveStatus.Converged && Stranded > ElementType.TotalsTolerance<T>() * Support.Mass)
        {
            // Mass may be stranded by costs that nothing in the range of double outweighs; then that is all there is to say.
            if (exponent <= LargestArtificialExponent)
            {
                Throw.Problem(ProblemError.Infeasible, FormattableString.Invariant(
                    $"The arcs of the sparse geometry cannot carry a mass of {Stranded:R} of {Support.Mass:R}; add arcs between the atoms that cannot be served."));
            }

            Status = SolveStatus.NumericalFailure;
        }

        Weigh(arcs);
        Certify(arcs, artificialCost);
    }

    /// <summary>A first basis from the cheapest arcs, reduced by the warm start's potentials or by each sink's smallest cost.</summary>
    private void StartBasis<TRows>(in TRows rows, Geometry<T> geometry)
        where TRows : struct, ICostRows
    {
        Span<double> shift = SinkShift(geometry);
        if (options.WarmStart is null)
        {
            shift.Fill(double.PositiveInfinity);
            for (int i = 0; i < rows.Rows; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                CostRowsOperations.LowerColumns(rows, i, 0, shift);
            }

            TensorPrimitives.Negate(shift, shift);
        }

        GreedyBasis.Build(rows, Support.Supplies, Support.Demands, shift, Tree, _scratch, execution.Cancellation);
    }

    private void EndPasses()
    {
        Passes?.Dispose();
        Passes = null;
    }

    /// <summary>Bytes that may be spent on stored costs beside those of the problem.</summary>
    private long StoreBudgetLeft(Geometry<T> geometry) => Passes is not null ? 0 : Math.Max(0, execution.CostMatrixBudget - RowsFactory.StoredBytes(geometry));

    private bool IsHybrid(int rows, int columns) => options.Method switch
    {
        ExactMethod.NetworkSimplex => false,
        ExactMethod.Hybrid => true,
        _ => (long)rows * columns >= HybridArcs && Math.Min(rows, columns) >= Math.Max(HybridAtoms, Math.Max(rows, columns) / HybridAspect),
    };

    /// <summary>The warm start, validated, if there is one.</summary>
    private DualPotentials? Start(Geometry<T> geometry)
    {
        options.WarmStart?.Require(geometry.Rows, geometry.Columns);
        return options.WarmStart;
    }

    /// <summary>What is added to the costs of the sinks when arcs are compared: -g of the warm start, if there is one.</summary>
    private Span<double> SinkShift(Geometry<T> geometry)
    {
        Span<double> shift = ExactScratch.Grow(ref _shift, Support.SinkCount).AsSpan(0, Support.SinkCount);
        if (Start(geometry) is { } start)
        {
            for (int j = 0; j < Support.SinkCount; j++)
                shift[j] = -start.G.Span[Support.Sinks[j]];
        }

        return shift;
    }

    /// <summary>Sums primal and dual, and bounds what pricing may have overlooked: the slack of every arc of a plan, and the rounding of paths.</summary>
    private void Weigh<TArcs>(in TArcs arcs)
        where TArcs : struct, ITierArcs
    {
        int n = Support.SourceCount;
        CompensatedSum primal = default;
        CompensatedSum dual = default;
        _largestPotential = 0;
        _absolutePrimal = 0;
        _absoluteDual = 0;
        for (int node = 0; node < n + Support.SinkCount; node++)
        {
            double potential = node < n ? _u[node] : -_u[node];
            double weight = node < n ? Support.A[node] : Support.B[node - n];
            dual.AddProduct(weight, potential);
            _absoluteDual += Math.Abs(weight * potential);
            _largestPotential = Math.Max(_largestPotential, Math.Abs(potential));
            int parent = Tree.Parent(node);
            if (parent < 0 || parent == n + Support.SinkCount || Tree.Flow(node) == 0)
                continue;
            double cost = node < n ? arcs.CostBetween(node, parent - n) : arcs.CostBetween(parent, node - n);
            double mass = Math.ScaleB(Tree.Flow(node), -Support.UnitExponent);
            primal.AddProduct(mass, cost);
            _absolutePrimal += mass * Math.Abs(cost);
        }

        _overlooked = (IPricer.Slack * _absoluteDual) + (IPricer.PathRounding * _largestPotential * Support.Mass);
        PrimalCost = primal.Value;
        DualCost = dual.Value;
    }

    private readonly struct Simplex(ExactWorker<T> worker, Geometry<T> geometry) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.SolveComplete(rows, geometry);
    }
}
