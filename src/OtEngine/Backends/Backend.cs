using System.Numerics;

namespace OtEngine.Backends;

/// <summary>
/// The seam: the verbs that solvers are written in, on memory the backend owns. Solvers hold the loops, backends the verbs; a new
/// solver needs no device code, a new kernel changes no solver. Every verb works on a table of problems of any sizes; which
/// arithmetic a problem sees depends on that problem alone, never on its neighbours or on the number of threads.
/// </summary>
internal abstract class Backend : IDisposable
{
    /// <summary>Brings a table into this backend's memory; on the CPU it already is. The table must outlive the loaded one.</summary>
    public abstract LoadedTable<T> Load<T>(ProblemTable<T> table)
        where T : unmanaged, IFloatingPointIeee754<T>;

    public abstract BackendBuffer<T> Allocate<T>(long length)
        where T : unmanaged;

    /// <summary>Least, largest and mean cost of each geometry of the table, over all its pairs of atoms, massless ones included.</summary>
    public abstract void CostReduce<T>(LoadedTable<T> table, Span<CostStatistics> statistics, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// Takes every running problem through its stages, at most <paramref name="budget"/> full sweeps each, by
    /// <see cref="SinkhornRule"/>. One sweep at regularisation eps, relaxation omega, weights of total one:
    /// r_i = sum_j b_j exp((f_i + g_j - C_ij) / eps), f'_i = f_i - omega eps ln r_i, then
    /// c_j = sum_i a_i exp((f'_i + g_j - C_ij) / eps), g'_j = g_j - omega eps ln c_j.
    /// </summary>
    /// <param name="table">The problems.</param>
    /// <param name="stages">Stages, by the offsets in the states.</param>
    /// <param name="states">One state a problem; read, and left as reached.</param>
    /// <param name="potentials">f and g by the offsets of the table, of weights scaled to total one; those of massless atoms are not touched, and a cold start writes all before it reads any.</param>
    /// <param name="budget">Most sweeps of this call for each problem.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// What the plan P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) of each problem amounts to, weights of total one, in double:
    /// its cost and marginals, and on request the bracket on the exact cost, from its rounding and from the hard c-transform of its g.
    /// </summary>
    /// <param name="table">The problems.</param>
    /// <param name="epsilons">One a problem.</param>
    /// <param name="potentials">f and g by the offsets of the table.</param>
    /// <param name="marginals">Receives row and column sums by the offsets of the potentials; null if not wanted, and where a bracket is.</param>
    /// <param name="bracket">Whether bounds are wanted: three times the work.</param>
    /// <param name="reductions">Receives one a problem.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void PlanReduce<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// The soft c-transform along one axis for the atoms that have no mass: f_i = -eps ln sum_j b_j exp((g_j - C_ij) / eps), or
    /// g_j = -eps ln sum_i a_i exp((f_i - C_ij) / eps), sums over the atoms that have some, weights of total one.
    /// </summary>
    public abstract void SoftMin<T>(LoadedTable<T> table, ReadOnlyMemory<double> epsilons, BackendBuffer<double> potentials, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Makes the plan of one problem ready for <see cref="LoadedPlan.Apply"/> (PlanApply) and <see cref="LoadedPlan.Write"/> (PlanWrite).</summary>
    /// <param name="table">The problems.</param>
    /// <param name="row">Which one.</param>
    /// <param name="epsilon">Its regularisation.</param>
    /// <param name="potentials">f and g by the offsets of the table, for weights of total one; copied.</param>
    /// <param name="keep">Whether P itself may be stored, within the budget of cost matrices: for many applications.</param>
    /// <param name="execution">Threads, memory and cancellation.</param>
    public abstract LoadedPlan LoadPlan<T>(
        LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, bool keep, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    public abstract void Dispose();
}
