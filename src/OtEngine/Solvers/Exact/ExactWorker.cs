using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Solves rows of a table on one thread, one after another, in memory it keeps. Atoms without mass are left out of the
/// simplex. What a solve leaves behind (basis, node values, status) is read by <see cref="ExactAnswer{T}"/>.
/// </summary>
internal sealed partial class ExactWorker<T>(Exact options, ProblemTable<T> table, Execution execution) : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>2 to this is an eighth of the range: sums of a few artificial costs and real ones stay finite.</summary>
    private const int LargestArtificialExponent = 1020;

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

    /// <summary>
    /// Solves a row: where it is large by passes of a remote backend, and where that has no memory for them, or costs overflow, here from the
    /// start.
    /// </summary>
    public void Solve(int row)
    {
        Geometry<T> geometry = Begin(row);
        if (geometry is SparseGeometry<T> sparse)
        {
            SolveSparse(sparse);
            return;
        }

        if (IsRemotelyPriced)
        {
            if (TryPasses(row, geometry))
                return;
            _ = Begin(row);
        }

        Simplex user = new(this, geometry);
        RowsFactory.Use(geometry, Support.Sources, Support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
    }

    /// <summary>Solves a row by passes of a remote backend or not at all.</summary>
    /// <returns>False where <see cref="Solve"/> would solve it here.</returns>
    public bool TrySolveByPasses(int row)
    {
        Geometry<T> geometry = Begin(row);
        return geometry is not SparseGeometry<T> && IsRemotelyPriced && TryPasses(row, geometry);
    }

    /// <summary>Potentials of all atoms by the passes that solved the row; see <see cref="ArcPasses{T}.Extend"/>.</summary>
    /// <returns>False where there were none, or there is no memory for these; then f and g hold anything.</returns>
    public bool TryExtend(Span<double> f, Span<double> g, out double violation)
    {
        violation = 0;
        if (Passes is null)
            return false;
        try
        {
            violation = Passes.Extend(f, g);
            return true;
        }
        catch (DeviceException fault) when (fault is { IsOutOfMemory: true, IsLost: false })
        {
            EndPasses();
            return false;
        }
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

    private bool IsRemotelyPriced => execution.Backend.IsRemote && options.IsHybrid(Support.SourceCount, Support.SinkCount);

    private long MaxPivots => options.MaxIterations ?? 1_000_000 + (1000L * (Support.SourceCount + Support.SinkCount));

    private Geometry<T> Begin(int row)
    {
        ProblemRow problem = table.Rows[row];
        if (problem.Transposed != 0)
            Throw.Unsupported("Exact transport reads geometries as they are stored; exchange the sides of the problem instead.");
        Support.Take(table.WeightsA(problem), table.WeightsB(problem));
        ExactScratch.Grow(ref _u, Support.SourceCount + Support.SinkCount + 1);
        Pivots = 0;
        EndPasses();
        return table.Geometries[problem.Geometry];
    }

    /// <summary>Passes take memory of a device, as other problems of the batch and other processes do; where it is short, the row is yet to be solved.</summary>
    private bool TryPasses(int row, Geometry<T> geometry)
    {
        Simplex user = new(this, geometry);
        try
        {
            Passes = new ArcPasses<T>(table, row, Support, execution);
            RowsFactory.UseFew(geometry, Support.Sources, Support.Sinks, ref user, execution.Cancellation);
        }
        catch (DeviceException fault) when (fault is { IsOutOfMemory: true, IsLost: false })
        {
            EndPasses();
        }

        return Passes is not null;
    }

    private void SolveComplete<TRows>(in TRows rows, Geometry<T> geometry)
        where TRows : struct, ICostRows
    {
        long pivots = 0;
        if (options.IsHybrid(rows.Rows, rows.Columns) && _hybrid.TryStart(rows, geometry, Support, Start(geometry), StoreBudgetLeft(geometry), Passes, Tree, _scratch))
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

    private readonly struct Simplex(ExactWorker<T> worker, Geometry<T> geometry) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.SolveComplete(rows, geometry);
    }
}
