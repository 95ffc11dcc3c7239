using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb PlanCostGradient: a row of the plan is computed once, with each entry already times the factor of its pair; the coordinates follow
/// one after another. Pairs whose entry is zero take no part, however far apart they are.
/// </summary>
internal static class PlanCostGradient
{
    /// <summary>factors_j = P_ij Factor(C_ij), and sum_j P_ij C_ij.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe double Weigh<TCost>(in PointCostRows<TCost> rows, int i, double k, double u, double* v, double* factors, int stride)
        where TCost : struct, IGroundCost
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        Vector512<double> cost = Vector512<double>.Zero;
        for (int j = 0; j < stride; j += Vector512<double>.Count)
        {
            Vector512<double> c = rows.Load(i, j);
            Vector512<double> w = VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, c, Vector512.Load(v + j) + shift));
            Vector512<double> nothing = Vector512.Equals(w, Vector512<double>.Zero);
            Vector512.ConditionalSelect(nothing, Vector512<double>.Zero, w * rows.Ground.Factor(c)).Store(factors + j);
            cost += Vector512.ConditionalSelect(nothing, Vector512<double>.Zero, w * c);
        }

        return Vector512.Sum(cost);
    }

    /// <summary>sum_j factors_j Slope(x_ik - y_jk).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe double Along<TCost>(in PointCostRows<TCost> rows, int i, int k, double* factors, int stride)
        where TCost : struct, IGroundCost
    {
        Vector512<double> sum = Vector512<double>.Zero;
        for (int j = 0; j < stride; j += Vector512<double>.Count)
        {
            Vector512<double> factor = Vector512.Load(factors + j);
            Vector512<double> term = factor * rows.Ground.Slope(rows.Difference(i, j, k));
            sum += Vector512.ConditionalSelect(Vector512.Equals(factor, Vector512<double>.Zero), Vector512<double>.Zero, term);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>Each pair adds to one coordinate alone.</summary>
    private static unsafe void AlongLargest<TCost>(in PointCostRows<TCost> rows, int i, double* factors, Span<double> gradient)
        where TCost : struct, IGroundCost
    {
        for (int j = 0; j < rows.Columns; j++)
        {
            if (factors[j] == 0)
                continue;
            int first = 0;
            double largest = rows.Difference(i, j, 0).ToScalar();
            for (int k = 1; k < rows.Dimension; k++)
            {
                double difference = rows.Difference(i, j, k).ToScalar();
                if (Math.Abs(difference) > Math.Abs(largest))
                    (first, largest) = (k, difference);
            }

            gradient[first] += factors[j] * Math.Sign(largest);
        }
    }

    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<double> epsilons,
        HostBuffer<double> potentials,
        TransportSide side,
        long[] offsets,
        HostBuffer<double> gradients,
        Execution execution) : ITableWork<PlanWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public unsafe void Run(PlanWorker<T> worker, int row)
        {
            PointCloudGeometry<T> geometry = (PointCloudGeometry<T>)table.Geometries[table.Rows[row].Geometry];
            Span<double> own = gradients.Span(offsets[row], (int)(offsets[row + 1] - offsets[row]));
            own.Clear();
            worker.Take(table, row, epsilons.Span[row], potentials, execution.Threads, side);
            User<T> user = new(worker, geometry, side, gradients.Start + offsets[row], execution);
            worker.RowsFactory.UsePoints(geometry, side, worker.Support.Sources, worker.Support.Sinks, ref user);
        }
    }

    private readonly unsafe struct User<T>(PlanWorker<T> worker, PointCloudGeometry<T> geometry, TransportSide side, double* gradients, Execution execution)
        : IPointRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly double* _gradients = gradients;

        public void Use<TCost>(in PointCostRows<TCost> rows)
            where TCost : struct, IGroundCost =>
            worker.RunParts(new Task<T, TCost>(worker, geometry, side, rows, _gradients, execution.Cancellation), execution);
    }

    /// <remarks>In bounds: the gradients hold d values for each atom of the side, as the span that was cleared.</remarks>
    private readonly unsafe struct Task<T, TCost>(
        PlanWorker<T> worker, PointCloudGeometry<T> geometry, TransportSide side, PointCostRows<TCost> rows, double* gradients, CancellationToken cancellation)
        : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
        where TCost : struct, IGroundCost
    {
        private readonly double* _gradients = gradients;

        public void Run(int part, int lane)
        {
            int d = geometry.Dimension;
            double* factors = worker.RowScratch(lane);
            for (int i = worker.StartOf(part); i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                int atom = worker.Support.Sources[i];
                Span<double> gradient = new(_gradients + ((long)atom * d), d);
                double cost = Weigh(rows, i, worker.Scale, worker.U[i], worker.V, factors, worker.Stride);
                if (rows.Ground.IsOfLargestDifference)
                    AlongLargest(rows, i, factors, gradient);
                for (int k = 0; k < d && !rows.Ground.IsOfLargestDifference; k++)
                    gradient[k] = Along(rows, i, k, factors, worker.Stride);
                if (geometry.Cost.Kind == CostKind.Cosine)
                    Unscale(i, cost, PointCoordinates.Length<T>((side == TransportSide.A ? geometry.X : geometry.Y).AsSpan(atom * d, d)), gradient);
            }
        }

        /// <summary>With u = x / |x| and v = y / |y|: the cosine's gradient by x is (u - v - c u) / |x|, and u - v was summed.</summary>
        private void Unscale(int i, double cost, double length, Span<double> gradient)
        {
            for (int k = 0; k < gradient.Length; k++)
                gradient[k] = (gradient[k] - (cost * rows.Coordinate(i, k))) / length;
        }
    }
}
