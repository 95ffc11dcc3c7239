using System.Numerics;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// The answer to a transport problem on the line or on a circle. The cost is exact and there at once; map, potentials
/// and quantile functions are worked out when asked for, in time linear in n + m.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class LineResult<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly LineProblem<T> _problem;
    private readonly LineCoupling _coupling;
    private readonly Lazy<QuantileFunction> _quantilesA;
    private readonly Lazy<QuantileFunction> _quantilesB;

    internal LineResult(LineProblem<T> problem, LineCoupling coupling)
    {
        _problem = problem;
        _coupling = coupling;
        TransportCost = coupling.TransportCost();
        _quantilesA = new Lazy<QuantileFunction>(() => new QuantileFunction(coupling.A));
        _quantilesB = new Lazy<QuantileFunction>(() => new QuantileFunction(coupling.B));
    }

    /// <summary>
    /// <see cref="SolveStatus.Converged"/>, or <see cref="SolveStatus.NumericalFailure"/> where |x - y|^p leaves the range of
    /// double; then scale the positions.
    /// </summary>
    public SolveStatus Status => double.IsFinite(TransportCost) ? SolveStatus.Converged : SolveStatus.NumericalFailure;

    /// <summary>W_p^p times the mass: sum_ij d(x_i, y_j)^p P_ij, compensated, in double.</summary>
    public double TransportCost { get; }

    /// <summary>W_p = (TransportCost / Mass)^(1/p), between the two sides scaled to unit mass.</summary>
    public double Distance => Math.Pow(TransportCost / Mass, 1 / _problem.Order);

    /// <summary>Total mass transported.</summary>
    public double Mass => _problem.TotalA;

    /// <summary>
    /// Where each x goes: the mean of its images under the monotone plan, sum_j P_ij y_j / sum_j P_ij, on a circle along the
    /// arcs taken and within [0, circumference). NaN for points without mass. Without splitting of mass this is the Monge map.
    /// </summary>
    public T[] Map()
    {
        double[] images = LineMap.Of(_coupling, _problem.X.Length);
        return Array.ConvertAll(images, T.CreateChecked);
    }

    /// <summary>F^-1 of side a; on a circle of the positions in [0, circumference).</summary>
    public QuantileFunction QuantilesA => _quantilesA.Value;

    /// <summary>F^-1 of side b; on a circle of the positions in [0, circumference).</summary>
    public QuantileFunction QuantilesB => _quantilesB.Value;
}
