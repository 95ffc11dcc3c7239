using OtEngine.Backends;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda;

/// <summary>The seam on CUDA. A verb is the file of its name in Kernels/; here a table is handed to it. Every verb returns when its work is done.</summary>
internal sealed class CudaBackend(CudaRuntime runtime) : Backend
{
    public CudaRuntime Runtime => runtime;

    public override bool IsRemote => true;

    public override LoadedTable<T> Load<T>(ProblemTable<T> table) => new CudaTable<T>(runtime, table);

    /// <summary>Zeros: a cold start and atoms without mass leave potentials that nobody wrote, and whole buffers are copied.</summary>
    public override BackendBuffer<T> Allocate<T>(long length)
    {
        CudaBuffer<T> buffer = runtime.Allocate<T>(length);
        try
        {
            using StreamLease lease = runtime.Rent();
            lease.Stream.Clear(buffer, 0, length);
            lease.Stream.Synchronize();
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public override void CostReduce<T>(LoadedTable<T> table, Span<CostStatistics> statistics, Execution execution) =>
        Kernels.CostReduce.Run(runtime, (CudaTable<T>)table, statistics, execution);

    public override void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution) =>
        Kernels.SinkhornSweep.Run(runtime, (CudaTable<T>)table, stages, (CudaBuffer<SinkhornState>)states, (CudaBuffer<double>)potentials, budget, execution);

    public override void PlanReduce<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) =>
        Kernels.PlanReduce.Run(runtime, (CudaTable<T>)table, epsilons.Span, (CudaBuffer<double>)potentials, (CudaBuffer<double>?)marginals, bracket, reductions.Span, execution);

    public override void SoftMin<T>(LoadedTable<T> table, ReadOnlyMemory<double> epsilons, BackendBuffer<double> potentials, Execution execution) =>
        Kernels.SoftMin.OfAtomsWithoutMass(runtime, (CudaTable<T>)table, epsilons.Span, (CudaBuffer<double>)potentials, execution);

    public override void PlanCostGradient<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        TransportSide side,
        BackendBuffer<double> gradients,
        Execution execution) =>
        Kernels.PlanCostGradient.Run(runtime, (CudaTable<T>)table, epsilons.Span, (CudaBuffer<double>)potentials, side, (CudaBuffer<double>)gradients, execution);

    public override LoadedPlan LoadPlan<T>(
        LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, bool keep, Execution execution) =>
        new CudaPlan<T>(runtime, (CudaTable<T>)table, row, epsilon, (CudaBuffer<double>)potentials);

    public override void Multiply<T>(
        ReadOnlySpan<MatrixProduct> products, BackendBuffer<T> a, BackendBuffer<T> b, BackendBuffer<T> c, Execution execution) =>
        Kernels.Multiply.Run(runtime, products, (CudaBuffer<T>)a, (CudaBuffer<T>)b, (CudaBuffer<T>)c, execution);

    public override void ReducedCosts<T>(
        LoadedTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution) =>
        Kernels.ReducedCosts.Lowest(runtime, (CudaTable<T>)table, row, wanted, side, prices, ends, execution);

    public override double LargestViolation<T>(LoadedTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution) =>
        Kernels.ReducedCosts.LargestViolation(runtime, (CudaTable<T>)table, row, f, g, execution);

    public override void Assignment<T>(
        ReadOnlyMemory<AssignmentProblem> problems,
        BackendBuffer<T> costs,
        BackendBuffer<int> matchings,
        BackendBuffer<double> potentials,
        Memory<AssignmentOutcome> outcomes,
        Execution execution) =>
        Kernels.Assignment.Run(
            runtime, problems.Span, (CudaBuffer<T>)costs, (CudaBuffer<int>)matchings, (CudaBuffer<double>)potentials, outcomes.Span, execution);

    public override void CostMatrix<T>(LoadedTable<T> table, ReadOnlySpan<long> offsets, BackendBuffer<T> costs, Execution execution) =>
        Kernels.CostMatrix.Run(runtime, (CudaTable<T>)table, offsets, (CudaBuffer<T>)costs, execution);

    public override void SlicedCost<T>(ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution) =>
        Kernels.SlicedCost.Run(runtime, rows, order, buffers, execution);

    public override void VectorMap<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, BackendBuffer<T> x, BackendBuffer<T> y, Execution execution) =>
        VectorVerb.Map(runtime, operation, starts, alphas, (CudaBuffer<T>)x, (CudaBuffer<T>)y, execution);

    public override void VectorReduce<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, BackendBuffer<T> x, BackendBuffer<double> results, Execution execution) =>
        VectorVerb.Reduce(runtime, operation, starts, (CudaBuffer<T>)x, (CudaBuffer<double>)results, execution);

    public override void VectorGroupSum<T>(
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        BackendBuffer<T> x,
        BackendBuffer<double> y,
        Execution execution) =>
        VectorVerb.GroupSum(runtime, groups, places, weights, length, (CudaBuffer<T>)x, (CudaBuffer<double>)y, execution);

    public override void GromovConstants<T>(
        ReadOnlySpan<GromovInner> inners, BackendBuffer<T> costs, BackendBuffer<double> weights, BackendBuffer<double> constants, Execution execution) =>
        Kernels.GromovGradient.Constants(runtime, inners, (CudaBuffer<T>)costs, (CudaBuffer<double>)weights, (CudaBuffer<double>)constants, execution);

    public override void GromovPlan<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<T> plans,
        BackendBuffer<double> marginals,
        BackendBuffer<double> moved,
        Execution execution) =>
        Kernels.GromovPlan.Run(
            runtime,
            (CudaTable<T>)table,
            rows,
            epsilons.Span,
            (CudaBuffer<double>)potentials,
            (CudaBuffer<T>)plans,
            (CudaBuffer<double>)marginals,
            (CudaBuffer<double>)moved,
            execution);

    public override void GromovGradient<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        BackendBuffer<double> constants,
        BackendBuffer<T> plans,
        BackendBuffer<T> features,
        BackendBuffer<T> gradients,
        BackendBuffer<double> sums,
        Execution execution) =>
        Kernels.GromovGradient.Run(
            runtime,
            (CudaTable<T>)table,
            rows,
            (CudaBuffer<double>)constants,
            (CudaBuffer<T>)plans,
            (CudaBuffer<T>)features,
            (CudaBuffer<T>)gradients,
            (CudaBuffer<double>)sums,
            execution);

    public override void Dispose() => runtime.Dispose();
}
