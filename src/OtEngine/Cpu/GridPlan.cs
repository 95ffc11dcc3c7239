using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verbs PlanApply and PlanWrite on a grid. Vectors go through the transform as weights, by the logarithms of their positive and of
/// their negative part, one column after another; rows are written entry by entry, with costs added up from the axes.
/// </summary>
internal sealed unsafe class GridPlan<T> : LoadedPlan
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly GridProblem<T> _problem;
    private readonly GridGeometry<T> _geometry;
    private readonly ScratchBuffer<double> _prefixes = new();

    /// <param name="problem">Holds the plan, at its regularisation; disposed with this.</param>
    /// <param name="geometry">Its costs.</param>
    public GridPlan(GridProblem<T> problem, GridGeometry<T> geometry)
    {
        _problem = problem;
        _geometry = geometry;
        problem.FillU();
        problem.FillV();
    }

    public override void Apply(bool transposed, ReadOnlySpan<double> values, int width, Span<double> destination, Execution execution)
    {
        destination.Clear();
        double* to = transposed ? _problem.V : _problem.U;
        int toCount = transposed ? _problem.CountB : _problem.CountA;
        ReadOnlySpan<int> atoms = transposed ? _problem.Sinks : _problem.Sources;
        double* weighted = transposed ? _problem.MoreA : _problem.MoreB;
        double* images = transposed ? _problem.ResultsB : _problem.ResultsA;
        for (int part = 0; part < 2 * width; part++)
        {
            int column = part / 2;
            double sign = part % 2 == 0 ? 1 : -1;
            if (!Weigh(transposed, values, width, column, sign, weighted))
                continue;
            _problem.Transform.Soft(!transposed, weighted, images, execution.Cancellation);
            GridRows.Masses(toCount, to, images, images);
            foreach (int k in atoms)
                destination[(k * width) + column] += sign * images[k];
        }
    }

    public override void Write(int first, int count, Span<double> destination, Execution execution)
    {
        destination.Clear();
        foreach (int row in _problem.Sources)
        {
            if (row < first || row - first >= count)
                continue;
            execution.Cancellation.ThrowIfCancellationRequested();
            fixed (double* start = &destination[checked((row - first) * _geometry.Columns)])
                WriteRow(row, start);
        }
    }

    public override void Dispose()
    {
        _problem.Dispose();
        _prefixes.Dispose();
    }

    /// <summary>The logarithms of one part of one column, with those of the plan; false if that part is zero.</summary>
    private bool Weigh(bool transposed, ReadOnlySpan<double> values, int width, int column, double sign, double* weighted)
    {
        ReadOnlySpan<int> atoms = transposed ? _problem.Sources : _problem.Sinks;
        double* from = transposed ? _problem.U : _problem.V;
        new Span<double>(weighted, transposed ? _problem.CountA : _problem.CountB).Fill(double.NegativeInfinity);
        bool any = false;
        foreach (int k in atoms)
        {
            // NaN goes with the positive part, and comes out in every image.
            double value = sign * values[(k * width) + column];
            if (!(value > 0 || (double.IsNaN(value) && sign > 0)))
                continue;
            weighted[k] = from[k] + Math.Log2(value);
            any = true;
        }

        return any;
    }

    /// <summary>destination_j = 2^(U_row + V_j - k C_rowj).</summary>
    private void WriteRow(int row, double* destination)
    {
        ReadOnlySpan<int> shapeA = _geometry.ShapeA.AsSpan();
        ReadOnlySpan<int> shapeB = _geometry.ShapeB.AsSpan();
        int last = shapeB.Length - 1;
        int inner = shapeB[last];
        int prefixCount = _geometry.Columns / inner;
        double* prefixes = _prefixes.Take(prefixCount);

        // The costs of the axes before the last, by cell of those: filled from the end, so that none is read after it was written.
        prefixes[0] = 0;
        int filled = 1;
        int rest = _geometry.Rows;
        int left = row;
        for (int axis = 0; axis < last; axis++)
        {
            rest /= shapeA[axis];
            ReadOnlySpan<double> costs = _geometry.AxisCosts[axis].AsSpan(left / rest * shapeB[axis], shapeB[axis]);
            left %= rest;
            for (int k = (filled * costs.Length) - 1; k >= 0; k--)
                prefixes[k] = prefixes[k / costs.Length] + costs[k % costs.Length];
            filled *= costs.Length;
        }

        fixed (double* costs = &_geometry.AxisCosts[last][left * inner])
        {
            for (int k = 0; k < prefixCount; k++)
                WriteRun(_problem.U[row], prefixes[k], costs, _problem.V + ((long)k * inner), inner, destination + ((long)k * inner));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteRun(double u, double prefix, double* costs, double* v, int count, double* destination)
    {
        Vector512<double> scale = Vector512.Create(-_problem.Transform.Scale);
        Vector512<double> shift = Vector512.Create(u);
        Vector512<double> first = Vector512.Create(prefix);
        int j = 0;
        for (; j <= count - 8; j += 8)
            VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, first + Vector512.Load(costs + j), Vector512.Load(v + j) + shift)).Store(destination + j);
        for (; j < count; j++)
            destination[j] = VectorMath.Exp2(Vector512.Create(Math.FusedMultiplyAdd(scale.ToScalar(), prefix + costs[j], v[j] + u))).ToScalar();
    }
}
