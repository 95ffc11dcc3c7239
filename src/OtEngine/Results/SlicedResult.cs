using System.Numerics;

namespace OtEngine;

/// <summary>The answer of <see cref="Sliced"/>: exact along every direction.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SlicedResult<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly SlicedTask<T> _task;
    private readonly Sliced _solver;
    private readonly double[] _costs;
    private readonly double[] _gradients;
    private readonly int[] _orders;

    internal SlicedResult(SlicedTask<T> task, Sliced solver, double[] costs, T[] directions, double[] gradients, int[] orders)
    {
        _task = task;
        _solver = solver;
        _costs = costs;
        _gradients = gradients;
        _orders = orders;
        Directions = directions;
        CompensatedSum sum = default;
        foreach (double cost in costs)
            sum.Add(cost);
        LargestDirection = 0;
        for (int l = 1; l < costs.Length; l++)
        {
            if (costs[l] > costs[LargestDirection])
                LargestDirection = l;
        }

        Cost = solver.Max && double.IsFinite(sum.Value) ? costs[LargestDirection] : sum.Value / costs.Length;
    }

    /// <summary>
    /// <see cref="SolveStatus.Converged"/>, or <see cref="SolveStatus.NumericalFailure"/> where a projection or the p-th power of a difference
    /// leaves the range of its type; then scale the points.
    /// </summary>
    public SolveStatus Status => double.IsFinite(Cost) ? SolveStatus.Converged : SolveStatus.NumericalFailure;

    /// <summary>W_p^p of the projections, both of mass one: the mean over the directions, or with <see cref="Sliced.Max"/> the largest.</summary>
    public double Cost { get; }

    /// <summary>Cost^(1/p).</summary>
    public double Distance => Math.Pow(Cost, 1 / _solver.Order);

    /// <summary>W_p^p along each direction.</summary>
    public ReadOnlyMemory<double> Costs => _costs;

    /// <summary>L x d directions, row-major, as they were used.</summary>
    public ReadOnlyMemory<T> Directions { get; }

    /// <summary>The first direction of largest cost.</summary>
    public int LargestDirection { get; }

    /// <summary>
    /// n x d, dCost/dx: (1/L) sum_l t_l sum_j P_ij p |d|^(p-1) sign d with d = t_l . (x_i - y_j) and P the matching along t_l, or of the largest
    /// direction alone. Where projections coincide a subgradient, zero for equal ones. Empty unless <see cref="Sliced.Gradient"/> asks for it.
    /// </summary>
    public ReadOnlyMemory<double> GradientX => _gradients.AsMemory(0, _gradients.Length == 0 ? 0 : _task.CountX * _task.Dimension);

    /// <summary>m x d, dCost/dy, likewise.</summary>
    public ReadOnlyMemory<double> GradientY => _gradients.AsMemory(GradientX.Length);

    /// <summary>The optimal plan along one direction, of mass one: atoms in ascending order of position, equal positions by index.</summary>
    /// <param name="direction">Which, from 0.</param>
    /// <exception cref="ProblemException">There is no such direction, or <see cref="Sliced.Matching"/> was not asked for.</exception>
    public SparsePlan<T> Matching(int direction)
    {
        if (_orders.Length == 0)
            Throw.Unsupported("The matching was not asked for; set Sliced.Matching.");
        if ((uint)direction >= (uint)_costs.Length)
            Throw.OutOfRange("The direction", direction, $"0 to {_costs.Length - 1}");
        int n = _task.CountX;
        int m = _task.CountY;
        ReadOnlySpan<int> orderA = _orders.AsSpan(direction * n, n);
        ReadOnlySpan<int> orderB = _orders.AsSpan((_costs.Length * n) + (direction * m), m);
        long[] masses = new long[n + m];
        double unit = SlicedMasses.RoundedUnit;
        if (SlicedMasses.AreUniform<T>(_task.A) && SlicedMasses.AreUniform<T>(_task.B))
        {
            (long ofA, long ofB, unit) = SlicedMasses.Uniform(n, m);
            masses.AsSpan(0, n).Fill(ofA);
            masses.AsSpan(n).Fill(ofB);
        }
        else
        {
            SlicedMasses.Round<T>(_task.A, masses.AsSpan(0, n));
            SlicedMasses.Round<T>(_task.B, masses.AsSpan(n));
        }

        List<PlanEntry> entries = new(n + m);
        for (int k = 0, l = 0; k < n && l < m;)
        {
            ref long restA = ref masses[orderA[k]];
            ref long restB = ref masses[n + orderB[l]];
            long units = Math.Min(restA, restB);
            if (units > 0)
                entries.Add(new PlanEntry(orderA[k], orderB[l], units * unit));
            restA -= units;
            restB -= units;
            if (restA == 0)
                k++;
            else
                l++;
        }

        entries.Sort((first, second) => first.Row != second.Row ? first.Row.CompareTo(second.Row) : first.Column.CompareTo(second.Column));
        return new SparsePlan<T>(n, m, [.. entries]);
    }
}
