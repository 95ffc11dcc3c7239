using System.Numerics;

namespace OtEngine;

/// <summary>What a basis costs, and whether its potentials prove that no other costs less.</summary>
internal sealed partial class ExactWorker<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Costs this many times the average cost of the plan go to the first tier of a tiered solve.</summary>
    private const double TierRatio = 1L << 20;

    private const int MostTierRounds = 6;

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

    /// <summary>sum C P over the basis.</summary>
    public double PrimalCost { get; private set; }

    /// <summary>sum a f + sum b g.</summary>
    public double DualCost { get; private set; }

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
}
