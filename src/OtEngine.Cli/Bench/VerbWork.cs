using System.Numerics;
using System.Runtime.CompilerServices;
using OtEngine.Backends;

namespace OtEngine.Cli.Bench;

/// <summary>
/// The counted work of the device's kernels on n x m stored costs, in one place: what the heading Traffic of each kernel file says, in bytes,
/// powers of two and multiply-adds. <c>ot bench</c> and <c>ot verify</c> print rates and shares of these counts.
/// </summary>
internal static class VerbWork
{
    /// <summary>cost_matrix.cu, cost_matrix: one write an entry.</summary>
    public static BenchWork CostMatrix<T>(long entries) => new() { Bytes = (double)entries * Unsafe.SizeOf<T>() };

    /// <summary>cost_matrix.cu, cost_reduce: one read an entry.</summary>
    public static BenchWork CostReduce<T>(long entries) => new() { Bytes = (double)entries * Unsafe.SizeOf<T>() };

    /// <summary>sinkhorn_sweep.cu: a stored exponent is read once, one power of two taken of it, and two sums made of that.</summary>
    public static BenchWork SinkhornSweep<T>(long entries) =>
        new() { Bytes = (double)entries * Unsafe.SizeOf<T>(), Exponentials = entries, MultiplyAdds = 2.0 * entries };

    /// <summary>sinkhorn_points.cu: 2 d + 2 additions and multiply-adds and a power of two an entry, once for the rows and once for the columns.</summary>
    public static BenchWork SinkhornPoints(long entries, int dimension) =>
        new() { Exponentials = 2.0 * entries, MultiplyAdds = 2.0 * (2 + (2 * dimension)) * entries };

    /// <summary>
    /// sinkhorn_products.cu: 4 additions and multiply-adds, a power of two, and d multiply-adds on tensor cores in each of the three products of
    /// the precision Strict an entry, once for the rows and once for the columns.
    /// </summary>
    public static BenchWork SinkhornProducts(long entries, int dimension) =>
        new() { Exponentials = 2.0 * entries, MultiplyAdds = 8.0 * entries, Products = 2.0 * 3 * dimension * entries };

    /// <summary>sinkhorn_block.cu: powers of two stay on chip, so that a sweep is the two sums made of them.</summary>
    public static BenchWork SinkhornBlock(long entries, int sweeps) => new() { MultiplyAdds = 2.0 * entries * sweeps };

    /// <summary>sinkhorn_resident.cu: exponents stay on chip, so that a sweep is a power of two of each and the two sums made of that.</summary>
    public static BenchWork SinkhornResident(long entries) => new() { Exponentials = entries, MultiplyAdds = 2.0 * entries };

    /// <summary>A sweep of one problem of stored costs, by the kernel that a backend has for that size.</summary>
    public static BenchWork DenseSweep<T>(Backend backend, int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long entries = (long)rows * columns;
        return backend switch
        {
            Cuda.CudaBackend cuda when Cuda.Kernels.SinkhornBlock.Fits<T>(rows, columns, cuda.Runtime.Limits) => SinkhornBlock(entries, 1),
            Cuda.CudaBackend cuda when Cuda.Kernels.SinkhornResident.Fits<T>(cuda.Runtime, rows, columns) => SinkhornResident(entries),
            Cuda.CudaBackend => SinkhornSweep<T>(entries),

            // The CPU keeps the exponentials themselves.
            _ => SinkhornSweep<T>(entries) with { Exponentials = 0 },
        };
    }

    /// <summary>soft_min.cu: each cost of an atom without mass is read once, one exponential of it in double.</summary>
    public static BenchWork SoftMin<T>(long entries) => InDouble<T>(entries, entries);

    /// <summary>plan_cost_gradient.cu: one exponential in double an entry; coordinates come from caches.</summary>
    public static BenchWork PlanCostGradient<T>(long entries) => InDouble<T>(0, entries);

    /// <summary>multiply.cu: A once for every tile of columns of C, B for every tile of rows, C written once; a multiply-add a product.</summary>
    public static BenchWork Multiply<T>(long rows, long columns, long inner)
    {
        long tile = Unsafe.SizeOf<T>() == sizeof(float) ? 128 : 64;
        double elements = ((double)rows * inner * ((columns + tile - 1) / tile)) + ((double)inner * columns * ((rows + tile - 1) / tile)) + ((double)rows * columns);
        return new() { Bytes = elements * Unsafe.SizeOf<T>(), MultiplyAdds = (double)rows * columns * inner };
    }

    /// <summary>vector.cu, map: two reads (one for exp, ln) and one write an element.</summary>
    public static BenchWork VectorAxpy<T>(long elements) => new() { Bytes = 3.0 * elements * Unsafe.SizeOf<T>() };

    /// <summary>plan_reduce.cu: each cost is read once, one exponential of it in double.</summary>
    public static BenchWork PlanReduce<T>(long entries) => InDouble<T>(entries, entries);

    /// <summary>plan_apply.cu: each cost is read once for every four columns of V, one exponential of it in double.</summary>
    public static BenchWork PlanApply<T>(long entries, int width) => InDouble<T>(entries * ((width + 3) / 4), entries * ((width + 3) / 4));

    /// <summary>plan_write.cu: one cost read, one exponential in double, one double written an entry.</summary>
    public static BenchWork PlanWrite<T>(long entries) => InDouble<T>(entries, entries) with { Bytes = (double)entries * (Unsafe.SizeOf<T>() + sizeof(double)) };

    /// <summary>assignment.cu: each row scanned is read once, three additions an entry, in double.</summary>
    public static BenchWork Assignment<T>(long scans, int columns) =>
        new() { Bytes = (double)scans * columns * Unsafe.SizeOf<T>(), MultiplyAdds = 3.0 * scans * columns, InDouble = true };

    /// <summary>
    /// sliced_cost.cu, clouds that fit on chip: along each direction each coordinate of n + m points is read once, for one multiply-add.
    /// </summary>
    public static BenchWork SlicedCost<T>(long atoms, int dimension, int directions) =>
        new() { Bytes = (double)atoms * dimension * directions * Unsafe.SizeOf<T>(), MultiplyAdds = (double)atoms * dimension * directions };

    /// <summary>
    /// sliced_passes.cu: along each direction an atom's coordinates are read; its key is written and, for every eight bits, read three times and written once,
    /// its index of four bytes written and for every eight bits read and written once; the cost reads its key once; 52 bytes are of
    /// masses and their running sums.
    /// </summary>
    public static BenchWork SlicedPasses<T>(long atoms, int dimension, int directions)
    {
        int size = Unsafe.SizeOf<T>();
        double bytes = ((double)dimension * size) + size + sizeof(int) + (size * ((4.0 * size) + (2 * sizeof(int)))) + size + 52;
        return new BenchWork { Bytes = (double)atoms * directions * bytes, MultiplyAdds = (double)atoms * dimension * directions };
    }

    /// <summary>reduced_costs.cu: each cost is read once.</summary>
    public static BenchWork ReducedCosts<T>(long entries) => InDouble<T>(entries, 0);

    /// <summary>gromov_gradient.cu, constants: two reads an entry.</summary>
    public static BenchWork GromovConstants<T>(long entries) => InDouble<T>(2 * entries, 0);

    /// <summary>gromov_gradient.cu, plan: two reads and one write an entry, one exponential in double.</summary>
    public static BenchWork GromovPlan<T>(long entries) => InDouble<T>(3 * entries, entries);

    /// <summary>gromov_gradient.cu, gradient without features: two reads and one write an entry.</summary>
    public static BenchWork GromovGradient<T>(long entries) => InDouble<T>(3 * entries, 0);

    private static BenchWork InDouble<T>(long read, long exponentials) =>
        new() { Bytes = (double)read * Unsafe.SizeOf<T>(), Exponentials = exponentials, InDouble = true };
}
