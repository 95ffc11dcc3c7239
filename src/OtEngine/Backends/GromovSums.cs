namespace OtEngine.Backends;

/// <summary>
/// What <see cref="Backend.GromovGradient"/> leaves for each row i of a problem, in a buffer of <see cref="Count"/> vectors as long as the
/// potentials: number k at k times that length plus the offset of f_i. <c>ot::gromov_sum</c>.
/// </summary>
internal static class GromovSums
{
    /// <summary>sum_j P_ij X_ij.</summary>
    public const int Cross = 0;

    /// <summary>sum_j P_ij M_ij.</summary>
    public const int Features = 1;

    /// <summary>min_j D_ij.</summary>
    public const int Least = 2;

    /// <summary>max_j D_ij.</summary>
    public const int Largest = 3;

    /// <summary>sum_j |D_ij|.</summary>
    public const int Magnitude = 4;

    public const int Count = 5;
}
