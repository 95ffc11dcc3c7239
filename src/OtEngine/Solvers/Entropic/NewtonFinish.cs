using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Truncated Newton steps on the dual of one problem, from potentials where sweeps have become slow. With r = P 1 and c = P^T 1 a step
/// solves diag(r) df + P dg = eps (a - r), P^T df + diag(c) dg = eps (b - c): dg is eliminated, and what is left,
/// diag(r) - P diag(1/c) P^T, goes to conjugate gradients preconditioned by its diagonal part diag(r), each iteration two
/// applications of the plan. A step is halved until the dual value has grown enough (Armijo), so that no start can make it diverge.
/// </summary>
/// <remarks>
/// Source: C. Brauer, C. Clason, D. Lorenz, B. Wirth, A Sinkhorn-Newton method for entropic optimal transport, arXiv:1710.06635.
/// Weights here have total one, as the verbs take them.
/// </remarks>
internal sealed class NewtonFinish<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostSteps = 40;

    private const int MostHalvings = 12;

    /// <summary>Share of the increase that the gradient promises which a step must reach.</summary>
    private const double Armijo = 1e-4;

    private readonly ProblemTable<T> _table;
    private readonly LoadedTable<T> _loaded;
    private readonly BackendBuffer<double> _potentials;
    private readonly BackendBuffer<double> _marginals;
    private readonly Execution _execution;
    private readonly double _epsilon;
    private readonly double[] _a;
    private readonly double[] _b;
    private readonly double[] _f;
    private readonly double[] _g;
    private readonly double[] _r;
    private readonly double[] _c;

    /// <param name="table">The table the problem is in.</param>
    /// <param name="row">Which one.</param>
    /// <param name="epsilon">Its regularisation.</param>
    /// <param name="potentials">Its potentials, in the layout of the table; the finish works on a copy.</param>
    /// <param name="execution">Backend, threads and cancellation.</param>
    public NewtonFinish(ProblemTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, Execution execution)
    {
        _table = table.Range(row, 1);
        _loaded = execution.Backend.Load(_table);
        _potentials = execution.Backend.Allocate<double>(_table.PotentialCount);
        _marginals = execution.Backend.Allocate<double>(_table.PotentialCount);
        _execution = execution;
        _epsilon = epsilon;
        ProblemRow problem = table.Rows[row];
        _a = Shares(table.WeightsA(problem));
        _b = Shares(table.WeightsB(problem));
        _f = new double[problem.Rows];
        _g = new double[problem.Columns];
        _r = new double[problem.Rows];
        _c = new double[problem.Columns];
        potentials.CopyTo(_f, problem.PotentialsA);
        potentials.CopyTo(_g, problem.PotentialsB);
    }

    public ReadOnlySpan<double> F => _f;

    public ReadOnlySpan<double> G => _g;

    /// <summary>Iterations of conjugate gradients and evaluations so far: each as much work as a sweep or two.</summary>
    public long Iterations { get; private set; }

    public void Dispose()
    {
        _marginals.Dispose();
        _potentials.Dispose();
        _loaded.Dispose();
        _table.Dispose();
    }

    /// <summary>Runs until both errors are at most the tolerance; false if a step fails or the iterations run out.</summary>
    public bool Run(double tolerance, long mostIterations)
    {
        double[] df = new double[_f.Length];
        double[] dg = new double[_g.Length];
        PlanReduction state = Evaluate(_f, _g);
        for (int step = 0; step < MostSteps && Iterations < mostIterations; step++)
        {
            double error = state.ErrorA + state.ErrorB;
            if (state.ErrorA <= tolerance && state.ErrorB <= tolerance)
                return true;
            Solve(df, dg, Math.Min(0.1, Math.Sqrt(error)), mostIterations);
            double slope = Slope(df, dg);
            double value = Value(state);
            bool accepted = false;
            double[] f = new double[_f.Length];
            double[] g = new double[_g.Length];
            double length = 1;
            for (int halving = 0; halving < MostHalvings && !accepted && slope > 0 && Iterations < mostIterations; halving++, length /= 2)
            {
                TensorPrimitives.MultiplyAdd(df, length, _f, f);
                TensorPrimitives.MultiplyAdd(dg, length, _g, g);
                PlanReduction next = Evaluate(f, g);

                // Near the solution the dual value no longer resolves progress; the errors do.
                accepted = Value(next) >= value + (Armijo * length * slope) || next.ErrorA + next.ErrorB <= error / 2;
                if (accepted)
                    state = next;
            }

            if (!accepted)
                return false;
            f.CopyTo(_f, 0);
            g.CopyTo(_g, 0);
        }

        return state.ErrorA <= tolerance && state.ErrorB <= tolerance;
    }

    private static double[] Shares(ReadOnlySpan<T> weights)
    {
        double[] shares = new double[weights.Length];
        CompensatedSum total = default;
        for (int k = 0; k < shares.Length; k++)
        {
            shares[k] = double.CreateTruncating(weights[k]);
            total.Add(shares[k]);
        }

        TensorPrimitives.Divide(shares, total.Value, shares);
        return shares;
    }

    /// <summary>The dual value sum a f + sum b g - eps (sum P - 1).</summary>
    private double Value(in PlanReduction state) => state.Linear - (_epsilon * (state.Mass - 1));

    private double Slope(double[] df, double[] dg)
    {
        double slope = 0;
        for (int i = 0; i < df.Length; i++)
            slope += (_a[i] - _r[i]) * df[i];
        for (int j = 0; j < dg.Length; j++)
            slope += (_b[j] - _c[j]) * dg[j];
        return slope;
    }

    /// <summary>Sums of the plan at f, g; leaves the potentials with the backend and the marginals in r and c.</summary>
    private PlanReduction Evaluate(double[] f, double[] g)
    {
        PlanReduction[] reduction = new PlanReduction[1];
        double[] epsilon = [_epsilon];
        _potentials.CopyFrom(f, _table.Rows[0].PotentialsA);
        _potentials.CopyFrom(g, _table.Rows[0].PotentialsB);
        _execution.Backend.PlanReduce(_loaded, epsilon, _potentials, _marginals, bracket: false, reduction, _execution);
        _marginals.CopyTo(_r, _table.Rows[0].PotentialsA);
        _marginals.CopyTo(_c, _table.Rows[0].PotentialsB);
        Iterations++;
        return reduction[0];
    }

    /// <summary>One truncated Newton step at the state last evaluated.</summary>
    private void Solve(double[] df, double[] dg, double accuracy, long mostIterations)
    {
        using LoadedPlan plan = _execution.Backend.LoadPlan(_loaded, 0, _epsilon, _potentials, keep: true, _execution);
        double[] scaled = new double[_g.Length];
        double[] image = new double[_f.Length];
        double[] residual = new double[_f.Length];
        double[] direction = new double[_f.Length];
        double[] preconditioned = new double[_f.Length];
        for (int j = 0; j < scaled.Length; j++)
            scaled[j] = _c[j] > 0 ? _epsilon * (_b[j] - _c[j]) / _c[j] : 0;
        plan.Apply(transposed: false, scaled, 1, image, _execution);
        double goal = 0;
        for (int i = 0; i < residual.Length; i++)
        {
            residual[i] = _r[i] > 0 ? (_epsilon * (_a[i] - _r[i])) - image[i] : 0;
            goal += Math.Abs(residual[i]);
        }

        goal *= accuracy;
        Array.Clear(df);
        double rho = 0;
        int most = _f.Length + _g.Length;
        for (int iteration = 0; iteration < most && Iterations < mostIterations; iteration++)
        {
            double size = 0;
            double next = 0;
            for (int i = 0; i < residual.Length; i++)
            {
                preconditioned[i] = _r[i] > 0 ? residual[i] / _r[i] : 0;
                next += residual[i] * preconditioned[i];
                size += Math.Abs(residual[i]);
            }

            if (size <= goal || !(next > 0))
                break;
            double turn = iteration == 0 ? 0 : next / rho;
            rho = next;
            for (int i = 0; i < direction.Length; i++)
                direction[i] = preconditioned[i] + (turn * direction[i]);
            double curvature = Curvature(plan, direction, scaled, image);
            if (!(curvature > 0))
                break;
            double length = rho / curvature;
            for (int i = 0; i < df.Length; i++)
            {
                df[i] += length * direction[i];
                residual[i] -= length * image[i];
            }

            Iterations++;
        }

        plan.Apply(transposed: true, df, 1, dg, _execution);
        for (int j = 0; j < dg.Length; j++)
            dg[j] = _c[j] > 0 ? ((_epsilon * (_b[j] - _c[j])) - dg[j]) / _c[j] : 0;
    }

    /// <summary>image = (diag(r) - P diag(1/c) P^T) direction, and its product with the direction.</summary>
    private double Curvature(LoadedPlan plan, double[] direction, double[] scaled, double[] image)
    {
        plan.Apply(transposed: true, direction, 1, scaled, _execution);
        for (int j = 0; j < scaled.Length; j++)
            scaled[j] = _c[j] > 0 ? scaled[j] / _c[j] : 0;
        plan.Apply(transposed: false, scaled, 1, image, _execution);
        double curvature = 0;
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (_r[i] * direction[i]) - image[i];
            curvature += image[i] * direction[i];
        }

        return curvature;
    }
}
