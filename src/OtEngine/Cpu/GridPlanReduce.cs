using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb PlanReduce on a grid: what <see cref="PlanReduce"/> computes, from soft and hard transforms along the axes; no entry of the plan
/// is ever formed.
/// </summary>
internal static unsafe class GridPlanReduce
{
    /// <summary>Two roundings of double.</summary>
    private const double Rounding = 1.0 / (1L << 52);

    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<double> epsilons,
        HostBuffer<double> potentials,
        HostBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) : ITableWork<GridProblem<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(GridProblem<T> problem, int row)
        {
            ProblemRow place = table.Rows[row];
            problem.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            Span<double> rowSums = marginals is null ? [] : marginals.Span(place.PotentialsA, place.Rows);
            Span<double> columnSums = marginals is null ? [] : marginals.Span(place.PotentialsB, place.Columns);
            reductions.Span[row] = Reduce(problem, rowSums, columnSums, bracket, execution.Cancellation);
        }
    }

    /// <summary>All that is read off one plan.</summary>
    /// <param name="problem">Holds the plan, at its regularisation.</param>
    /// <param name="rowSums">Receives sum_j P_ij; empty if not wanted.</param>
    /// <param name="columnSums">Receives sum_i P_ij; empty if not wanted.</param>
    /// <param name="bracket">Whether bounds are wanted.</param>
    /// <param name="cancellation">Watched throughout.</param>
    public static PlanReduction Reduce<T>(
        GridProblem<T> problem, Span<double> rowSums, Span<double> columnSums, bool bracket, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        problem.FillU();
        problem.FillV();
        double cost = CostAndRowSums(problem, cancellation);
        problem.Transform.Soft(toA: false, problem.U, problem.ResultsB, cancellation);
        GridRows.Masses(problem.CountB, problem.V, problem.ResultsB, problem.ResultsB);
        new ReadOnlySpan<double>(problem.ResultsA, rowSums.Length).CopyTo(rowSums);
        new ReadOnlySpan<double>(problem.ResultsB, columnSums.Length).CopyTo(columnSums);
        CompensatedSum mass = default;
        CompensatedSum linear = default;
        CompensatedSum weighted = default;
        double errorA = 0;
        double errorB = 0;
        foreach (int i in problem.Sources)
        {
            mass.Add(problem.ResultsA[i]);
            errorA += Math.Abs(problem.ResultsA[i] - problem.A[i]);
            linear.AddProduct(problem.A[i], problem.F[i]);
            weighted.AddProduct(problem.ResultsA[i], problem.F[i]);
        }

        foreach (int j in problem.Sinks)
        {
            errorB += Math.Abs(problem.ResultsB[j] - problem.B[j]);
            linear.AddProduct(problem.B[j], problem.G[j]);
            weighted.AddProduct(problem.ResultsB[j], problem.G[j]);
        }

        double entropy = (weighted.Value - cost) * problem.Transform.Scale * SinkhornSweep.Ln2;
        double upper = bracket ? UpperBound(problem, cancellation) : double.NaN;
        double lower = bracket ? LowerBound(problem, cancellation) : double.NaN;

        // Both are right to rounding; where they meet, rounding may not turn them round.
        return new PlanReduction(cost, mass.Value, entropy, linear.Value, errorA, errorB, Math.Min(lower, upper), upper);
    }

    /// <summary>sum C P of 2^(U_i + V_j - k C_ij); its row sums are left in the results of side a.</summary>
    private static double CostAndRowSums<T>(GridProblem<T> problem, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        problem.Transform.WithCosts(problem.V, problem.ResultsA, problem.MoreA, cancellation);
        GridRows.Masses(problem.CountA, problem.U, problem.ResultsA, problem.ResultsA);
        GridRows.Masses(problem.CountA, problem.U, problem.MoreA, problem.MoreA);
        CompensatedSum cost = default;
        foreach (int i in problem.Sources)
        {
            cost.Add(problem.MoreA[i]);
            cost.AddProduct(problem.ResultsA[i], problem.Transform.LeastCost);
        }

        return cost.Value;
    }

    /// <summary>
    /// The value of the hard c-transform f of g and of that one's, less what rounding may have added: f is whatever it came out as, but each
    /// value of its transform is a sum over axes of terms no larger than its potential and the costs. Minus infinity where the sums leave the
    /// range of numbers; a potential that is no number proves nothing, and zero is as good in its place. Uses up the results.
    /// </summary>
    private static double LowerBound<T>(GridProblem<T> problem, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        new Span<double>(problem.ResultsB, problem.CountB).Fill(double.NegativeInfinity);
        foreach (int j in problem.Sinks)
            problem.ResultsB[j] = double.IsFinite(problem.G[j]) ? problem.G[j] : 0;
        problem.Transform.Hard(toA: true, problem.ResultsB, problem.ResultsA, cancellation);
        new Span<double>(problem.MoreA, problem.CountA).Fill(double.NegativeInfinity);
        double centre = problem.ResultsA[problem.Sources[0]];
        double largest = 0;
        double magnitude = 0;
        CompensatedSum value = default;
        foreach (int i in problem.Sources)
        {
            problem.MoreA[i] = centre - problem.ResultsA[i];
            largest = Math.Max(largest, Math.Abs(problem.MoreA[i]));
            magnitude += problem.A[i] * Math.Abs(problem.MoreA[i]);
            value.AddProduct(problem.A[i], problem.MoreA[i]);
        }

        problem.Transform.Hard(toA: false, problem.MoreA, problem.ResultsB, cancellation);
        foreach (int j in problem.Sinks)
        {
            magnitude += problem.B[j] * Math.Abs(problem.ResultsB[j]);
            value.AddProduct(problem.B[j], -problem.ResultsB[j]);
        }

        double bound = value.Value - (Rounding * (magnitude + (problem.Transform.Axes * (largest + problem.Transform.LargestMagnitude))));
        return double.IsNaN(bound) ? double.NegativeInfinity : bound;
    }

    /// <summary>
    /// The cost of the plan rounded to the marginals, with a margin for the rounding of its sums; the cost of a b^T where that is less, as it
    /// is where the exponents have few digits, or none. Needs the row sums in the results of side a; uses up U, V and all results.
    /// </summary>
    private static double UpperBound<T>(GridProblem<T> problem, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GridTransform transform = problem.Transform;
        double largest = 0;
        foreach (int i in problem.Sources)
        {
            problem.U[i] += Math.Min(0, Math.Log2(problem.A[i] / problem.ResultsA[i]));
            largest = Math.Max(largest, Math.Abs(problem.U[i]));
        }

        transform.Soft(toA: false, problem.U, problem.ResultsB, cancellation);
        foreach (int j in problem.Sinks)
        {
            largest = Math.Max(largest, Math.Abs(problem.V[j]) + Math.Abs(problem.ResultsB[j]));
            problem.V[j] += Math.Min(0, problem.LogB[j] - (problem.V[j] + problem.ResultsB[j]));
        }

        double cost = CostAndRowSums(problem, cancellation);
        GridRows.Masses(problem.CountB, problem.V, problem.ResultsB, problem.ResultsB);
        double missing = Missing(problem.Sources, problem.A, problem.ResultsA);
        double missingB = Missing(problem.Sinks, problem.B, problem.ResultsB);
        double fill = Math.Max(missing, missingB);
        if (fill > 0)
            cost += transform.ProductCost(problem.ResultsA, problem.ResultsB) / fill;

        // What each sum of the plan may be off by, relatively: its exponents and the terms along the axes. So may each marginal, and with it
        // the mass that is cut off or filled in.
        double share = Rounding * (largest + (transform.Scale * transform.LargestMagnitude) + transform.Terms);
        double bound = cost + (4 * share * transform.LargestMagnitude);
        double product = transform.ProductCost(problem.A, problem.B);
        return bound < product ? bound : product;
    }

    /// <summary>Turns sums into what the weights exceed them by, and adds that up.</summary>
    private static double Missing(ReadOnlySpan<int> atoms, double* weights, double* sums)
    {
        CompensatedSum missing = default;
        foreach (int k in atoms)
        {
            sums[k] = Math.Max(weights[k] - sums[k], 0);
            missing.Add(sums[k]);
        }

        return missing.Value;
    }
}
