namespace OtEngine.Backends;

/// <summary>
/// The plan of one problem in the memory of a backend, P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) with weights of total one, zero where
/// there is no mass. One call at a time.
/// </summary>
internal abstract class LoadedPlan : IDisposable
{
    /// <summary>
    /// PlanApply: destination_ic = sum_j P_ij values_jc for thin V, row-major, in double; or the same with P^T.
    /// </summary>
    /// <param name="transposed">Whether P^T is wanted.</param>
    /// <param name="values">m x width values (n x width if transposed); those of massless atoms are not read.</param>
    /// <param name="width">Columns of V.</param>
    /// <param name="destination">n x width values (m x width if transposed).</param>
    /// <param name="execution">Threads and cancellation.</param>
    public abstract void Apply(bool transposed, ReadOnlySpan<double> values, int width, Span<double> destination, Execution execution);

    /// <summary>PlanWrite: rows first .. first + count of P, all columns.</summary>
    public abstract void Write(int first, int count, Span<double> destination, Execution execution);

    public abstract void Dispose();
}
