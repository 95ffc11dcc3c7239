using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb PlanReduce: cost, mass, entropy and marginals of a plan given by its potentials, and the bracket on the exact cost: above,
/// the cost of the plan rounded to the marginals (rows scaled down, columns scaled down, the rest filled in by a product);
/// below, the value of the hard c-transform of g, taken twice.
/// Source: J. Altschuler, J. Weed, P. Rigollet, Near-linear time approximation algorithms for optimal transport via Sinkhorn
/// iteration, NIPS 2017, algorithm 2.
/// </summary>
internal static class PlanReduce
{
    /// <summary>
    /// Each potential of a c-transform is one subtraction, and each weight one division, right to 2^-53 of itself.
    /// </summary>
    private const double PotentialRounding = 1.0 / (1L << 52);

    /// <param name="worker">Holds the plan.</param>
    /// <param name="geometry">Its costs.</param>
    /// <param name="rowSums">Receives sum_j P_ij, zero without mass; empty if not wanted, or if a bracket is, which uses the sums up.</param>
    /// <param name="columnSums">Receives sum_i P_ij; empty if not wanted.</param>
    /// <param name="bracket">Whether bounds are wanted.</param>
    /// <param name="execution">Threads and cancellation.</param>
    private static unsafe PlanReduction Run<T>(
        PlanWorker<T> worker, Geometry<T> geometry, Span<double> rowSums, Span<double> columnSums, bool bracket, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        User<T> user = new(worker, bracket, execution);
        worker.RowsFactory.Use(geometry, worker.Support.Sources, worker.Support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
        rowSums.Clear();
        columnSums.Clear();
        for (int i = 0; i < worker.Rows && !rowSums.IsEmpty; i++)
            rowSums[worker.Support.Sources[i]] = worker.RowSums[i];
        for (int j = 0; j < worker.Columns && !columnSums.IsEmpty; j++)
            columnSums[worker.Support.Sinks[j]] = worker.ColumnSums[j];
        return user.Reduction;
    }

    private static unsafe PlanReduction Reduce<T, TRows>(PlanWorker<T> worker, in TRows rows, bool bracket, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        double cost = worker.Reduce(rows, execution);
        ReadOnlySpan<double> a = worker.Support.A;
        ReadOnlySpan<double> b = worker.Support.B;
        CompensatedSum mass = default;
        CompensatedSum linear = default;
        CompensatedSum weighted = default;
        double errorA = 0;
        double errorB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            mass.Add(worker.RowSums[i]);
            errorA += Math.Abs(worker.RowSums[i] - a[i]);
            linear.AddProduct(a[i], worker.F[i]);
            weighted.AddProduct(worker.RowSums[i], worker.F[i]);
        }

        for (int j = 0; j < b.Length; j++)
        {
            errorB += Math.Abs(worker.ColumnSums[j] - b[j]);
            linear.AddProduct(b[j], worker.G[j]);
            weighted.AddProduct(worker.ColumnSums[j], worker.G[j]);
        }

        double entropy = (weighted.Value - cost) * worker.Scale * SinkhornSweep.Ln2;
        (double lower, double upper) = bracket ? (LowerBound(worker, rows, execution), UpperBound(worker, rows, execution)) : (double.NaN, double.NaN);

        // Both are right to rounding; where they meet, rounding may not turn them round.
        return new PlanReduction(cost, mass.Value, entropy, linear.Value, errorA, errorB, Math.Min(lower, upper), upper);
    }

    /// <summary>
    /// The value of the hard c-transform of g, less what rounding may have added; minus infinity where the sums leave the range of numbers.
    /// A potential that is no number proves nothing, and zero is as good in its place.
    /// </summary>
    private static unsafe double LowerBound<T, TRows>(PlanWorker<T> worker, in TRows rows, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        double[] f = new double[worker.Rows];
        double[] g = new double[worker.Columns];
        for (int j = 0; j < g.Length; j++)
            g[j] = double.IsFinite(worker.G[j]) ? -worker.G[j] : 0;
        if (worker.IsSpread)
        {
            SoftMin.Rows(rows, 1, g, f, null, execution);
            TensorPrimitives.Negate(f, f);
            SoftMin.Columns(rows, f, g, execution);
            TensorPrimitives.Negate(f, f);
        }
        else
        {
            for (int i = 0; i < f.Length; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                f[i] = CostRowsOperations.Minimum(rows, i, g, 0);
            }

            Array.Fill(g, double.PositiveInfinity);
            for (int i = 0; i < f.Length; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                CostRowsOperations.LowerColumns(rows, i, f[i], g);
            }
        }

        CompensatedSum value = default;
        double magnitude = 0;
        for (int i = 0; i < f.Length; i++)
        {
            value.AddProduct(worker.Support.A[i], f[i]);
            magnitude += worker.Support.A[i] * Math.Abs(f[i]);
        }

        for (int j = 0; j < g.Length; j++)
        {
            value.AddProduct(worker.Support.B[j], g[j]);
            magnitude += worker.Support.B[j] * Math.Abs(g[j]);
        }

        double bound = value.Value - (PotentialRounding * magnitude);
        return double.IsNaN(bound) ? double.NegativeInfinity : bound;
    }

    /// <summary>
    /// The cost of the rounded plan. Rows and columns are scaled by factors beside the exponentials, so that the marginals are right
    /// however few digits the exponents have; a row whose sum is no number is left out and filled in. Uses up F, G and the sums of the worker;
    /// plus infinity where the sums leave the range of numbers.
    /// </summary>
    private static unsafe double UpperBound<T, TRows>(PlanWorker<T> worker, in TRows rows, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        ReadOnlySpan<double> a = worker.Support.A;
        ReadOnlySpan<double> b = worker.Support.B;
        for (int i = 0; i < a.Length; i++)
            worker.F[i] = double.IsFinite(worker.RowSums[i]) ? Math.Min(1, a[i] / worker.RowSums[i]) : 0;
        worker.ApplyTransposed(rows, worker.F, worker.ColumnSums, execution);
        CompensatedSum missingB = default;
        for (int j = 0; j < b.Length; j++)
        {
            worker.G[j] = Math.Min(1, b[j] / worker.ColumnSums[j]);
            worker.ColumnSums[j] = Math.Max(b[j] - (worker.ColumnSums[j] * worker.G[j]), 0);
            missingB.Add(worker.ColumnSums[j]);
        }

        double cost = worker.ReduceScaled(rows, worker.F, worker.G, execution);
        CompensatedSum missingA = default;
        for (int i = 0; i < a.Length; i++)
        {
            worker.RowSums[i] = Math.Max(a[i] - worker.RowSums[i], 0);
            missingA.Add(worker.RowSums[i]);
        }

        double fill = Math.Max(missingA.Value, missingB.Value);
        double bound = fill > 0 ? cost + (worker.Bilinear(rows, worker.RowSums, worker.ColumnSums, execution) / fill) : cost;
        return double.IsNaN(bound) ? double.PositiveInfinity : bound;
    }

    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<double> epsilons,
        HostBuffer<double> potentials,
        HostBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) : ITableWork<PlanWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(PlanWorker<T> worker, int row)
        {
            ProblemRow problem = table.Rows[row];
            worker.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            Span<double> rowSums = marginals is null ? [] : marginals.Span(problem.PotentialsA, problem.Rows);
            Span<double> columnSums = marginals is null ? [] : marginals.Span(problem.PotentialsB, problem.Columns);
            reductions.Span[row] = PlanReduce.Run(worker, table.Geometries[problem.Geometry], rowSums, columnSums, bracket, execution);
        }
    }

    private struct User<T>(PlanWorker<T> worker, bool bracket, Execution execution) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public PlanReduction Reduction;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => Reduction = Reduce(worker, rows, bracket, execution);
    }
}
