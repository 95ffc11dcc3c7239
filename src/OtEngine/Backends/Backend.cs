using System.Numerics;

namespace OtEngine.Backends;

/// <summary>
/// The seam: the verbs that solvers are written in, on memory the backend owns. Solvers hold the loops, backends the verbs; a new
/// solver needs no device code, a new kernel changes no solver. Every verb works on a table of problems of any sizes; which
/// arithmetic a problem sees depends on that problem alone, never on its neighbours or on the number of threads.
/// </summary>
internal abstract class Backend : IDisposable
{
    /// <summary>
    /// Whether its memory and its arithmetic are another machine's than this one's: what a solver would otherwise do itself over all pairs of
    /// atoms is then a verb's work, and one that is worth its way only for problems that are large.
    /// </summary>
    public virtual bool IsRemote => false;

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

    /// <summary>
    /// How the cost of each plan changes with the points of one side, the plan held fixed: sum_j P_ij dc(x_i, y_j)/dx_i, or
    /// sum_i P_ij dc(x_i, y_j)/dy_j, with the plans of <see cref="PlanReduce"/>, in double, for any ground cost. Zero where there is no mass. At
    /// kinks a subgradient: zero where two points or two coordinates coincide, and of several largest differences the first counts alone.
    /// </summary>
    /// <param name="table">The problems, all between points.</param>
    /// <param name="epsilons">One a problem.</param>
    /// <param name="potentials">f and g by the offsets of the table.</param>
    /// <param name="side">Whose points move.</param>
    /// <param name="gradients">Receives one value a coordinate, row-major, by <see cref="ProblemTable{T}.CoordinateOffsets"/>.</param>
    /// <param name="execution">Threads and cancellation.</param>
    /// <exception cref="ProblemException"><see cref="ProblemError.Unsupported"/>: a problem that is not between points.</exception>
    public abstract void PlanCostGradient<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        TransportSide side,
        BackendBuffer<double> gradients,
        Execution execution)
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

    /// <summary>
    /// Products of matrices, each of a shape of its own: C = alpha op(A) op(B) + beta C. In elements of T, sum = fma(a_ik, b_kj, sum) for
    /// k = 0, 1, ..., then alpha sum, or fma(alpha, sum, beta c): the same bits on every backend, alone and in any batch. A backend that was told
    /// that bits may depend on the batch sums in any order, still in elements of T.
    /// </summary>
    /// <param name="products">The batch.</param>
    /// <param name="a">What A lies in.</param>
    /// <param name="b">What B lies in; may be the same.</param>
    /// <param name="c">Receives C, which overlaps no operand.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void Multiply<T>(
        ReadOnlySpan<MatrixProduct> products, BackendBuffer<T> a, BackendBuffer<T> b, BackendBuffer<T> c, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// Of each atom of one side, massless ones included, the arcs of the lowest prices C_ij + slack |C_ij| + t_j - s_i below a limit, in double:
    /// the most violated arcs, the k smallest reduced costs, or with k = 1 a hard c-transform.
    /// </summary>
    /// <param name="table">The problems.</param>
    /// <param name="row">Which one; none on sparse arcs.</param>
    /// <param name="wanted">The prices, and how many.</param>
    /// <param name="side">Whose atoms have the lists.</param>
    /// <param name="prices">Receives the prices of each atom, lowest first, ties to the lower index; infinity where there are fewer.</param>
    /// <param name="ends">Receives the other ends of the arcs; -1 where there are fewer.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void ReducedCosts<T>(
        LoadedTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>ReducedCosts: max over all pairs of (f_i + g_j - C_ij) / (|f_i| + |g_j| + |C_ij|) and zero, of one problem, in double.</summary>
    public abstract double LargestViolation<T>(LoadedTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// Linear assignment: for each problem min sum_i C[i, s(i)] over s that take no column twice, by rows inserted one after another along
    /// shortest augmenting paths, with SciPy's order of arithmetic and rule for ties, in double: the same bits on every backend, alone and in
    /// any batch.
    /// </summary>
    /// <param name="problems">The batch; see <see cref="AssignmentProblem"/>.</param>
    /// <param name="costs">What the costs lie in: finite and within +-1e300, or plus infinity.</param>
    /// <param name="matchings">Receives the column of each row, by the offsets of the problems; those of an infeasible problem say nothing.</param>
    /// <param name="potentials">Receives u and v with u_i + v_j &lt;= C_ij, equality on the matched pairs, by the offsets of the problems; likewise.</param>
    /// <param name="outcomes">Receives one a problem.</param>
    /// <param name="execution">Threads, progress and cancellation.</param>
    public abstract void Assignment<T>(
        ReadOnlyMemory<AssignmentProblem> problems,
        BackendBuffer<T> costs,
        BackendBuffer<int> matchings,
        BackendBuffer<double> potentials,
        Memory<AssignmentOutcome> outcomes,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The costs C_ij of each problem of the table, row-major, computed in double and rounded to T.</summary>
    /// <param name="table">The problems; weights and potentials are not read.</param>
    /// <param name="offsets">One a problem: where its matrix begins.</param>
    /// <param name="costs">Receives the matrices.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void CostMatrix<T>(LoadedTable<T> table, ReadOnlySpan<long> offsets, BackendBuffer<T> costs, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// SlicedCost: along each direction t of each row, the optimal cost of its two clouds projected on it, at the cost |t.x - t.y|^p, both of
    /// mass one. t.x = fma(t_k, x_k, sum) for k = 0, 1, ... in elements of T; equal positions are matched in the order of their indices;
    /// sums in double. On request the orders, and by atom the slope of the cost: for x_i sum_j P_ij p |d|^(p-1) sign d, d = t.x_i - t.y_j, and
    /// for y_j minus the same over i; zero at d = 0. Where a projection is not finite, so is the cost.
    /// </summary>
    /// <param name="rows">The clouds and directions, and what is wanted of them; no row writes what another reads or writes.</param>
    /// <param name="order">p, at least 1.</param>
    /// <param name="buffers">What the rows refer to.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void SlicedCost<T>(ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Vector: element by element, in double and rounded to T: y = y + alpha_r x, exp x or ln(x + alpha_r).</summary>
    /// <param name="operation">Which of the three.</param>
    /// <param name="starts">Run r is starts[r] .. starts[r + 1] of both x and y; one more than there are runs.</param>
    /// <param name="alphas">One a run for <see cref="VectorOperation.Axpy"/>, and for <see cref="VectorOperation.Log"/> unless it is empty, zeros then; else empty.</param>
    /// <param name="x">Elements.</param>
    /// <param name="y">Receives the results; may be x.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void VectorMap<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, BackendBuffer<T> x, BackendBuffer<T> y, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Vector: the sum or the largest of each run, in double; of no elements zero, or minus infinity.</summary>
    /// <param name="operation">Sum or Max.</param>
    /// <param name="starts">As for <see cref="VectorMap"/>.</param>
    /// <param name="x">Elements.</param>
    /// <param name="results">Receives one a run.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void VectorReduce<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, BackendBuffer<T> x, BackendBuffer<double> results, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Vector: y_gk = sum over the members p of group g of weight_p x[place_p + k], in double, members in order.</summary>
    /// <param name="groups">Members of group g are groups[g] .. groups[g + 1]; one more than there are groups.</param>
    /// <param name="places">Where each member begins in x.</param>
    /// <param name="weights">One a member.</param>
    /// <param name="length">Elements of a member.</param>
    /// <param name="x">Elements.</param>
    /// <param name="y">Receives length sums a group.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void VectorGroupSum<T>(
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        BackendBuffer<T> x,
        BackendBuffer<double> y,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// What a loss L(x, y) = f1(x) + f2(y) - h1(x) h2(y) asks of one side alone: c_i = sum_k (f(C_ik) + f(C_ki)) w_k / 2, in double, for square
    /// matrices C of inner costs.
    /// </summary>
    /// <param name="inners">Which sums.</param>
    /// <param name="costs">The matrices.</param>
    /// <param name="weights">w, shares of total one.</param>
    /// <param name="constants">Receives c, by the offsets of the weights.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void GromovConstants<T>(
        ReadOnlySpan<GromovInner> inners, BackendBuffer<T> costs, BackendBuffer<double> weights, BackendBuffer<double> constants, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// Writes the plan of each problem, P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps), weights of total one, in double and rounded to T, over the
    /// plan that was there, before <see cref="GromovGradient"/> overwrites C. Entries below the range in which products stay normal are zero. Plans start as zeros, so
    /// that those of atoms without mass, which a backend may pass over, are zero.
    /// </summary>
    /// <param name="table">The problems, on costs in this backend's memory.</param>
    /// <param name="rows">Which of them, and where their plans lie.</param>
    /// <param name="epsilons">One a problem of the table.</param>
    /// <param name="potentials">f and g by the offsets of the table.</param>
    /// <param name="plans">Holds the plans of before, and receives the new ones.</param>
    /// <param name="marginals">Receives row and column sums of what was written, by the offsets of the potentials.</param>
    /// <param name="moved">Receives sum_j |P_ij - P_ij before|, by the offsets of f.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void GromovPlan<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<T> plans,
        BackendBuffer<double> marginals,
        BackendBuffer<double> moved,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// The gradient of a Gromov-Wasserstein problem from X = h1(C1) P h2(C2)^T, which <see cref="Multiply"/> has left in its place, and what
    /// its matrices amount to, in one pass: D_ij = factor (r_i + s_j - X_ij) + feature factor M_ij, in double and rounded to T, and the sums of
    /// <see cref="GromovSums"/>.
    /// </summary>
    /// <param name="table">The problems.</param>
    /// <param name="rows">Which of them, and where their matrices lie.</param>
    /// <param name="constants">r and s by the offsets of the potentials.</param>
    /// <param name="plans">P.</param>
    /// <param name="features">M; not read where a problem has none.</param>
    /// <param name="gradients">Holds X, and receives D.</param>
    /// <param name="sums">Receives the sums of each row.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void GromovGradient<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        BackendBuffer<double> constants,
        BackendBuffer<T> plans,
        BackendBuffer<T> features,
        BackendBuffer<T> gradients,
        BackendBuffer<double> sums,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    public abstract void Dispose();
}
