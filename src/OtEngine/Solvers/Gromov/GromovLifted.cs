using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Gromov-Wasserstein between points under squared Euclidean inner costs and the square loss, in memory linear in n + m: with centred points the
/// gradient is, but for terms of one side, D_ij = -4 M (|x_i|^2 |y_j|^2 + 4 x_i^T S y_j), S = sum P x y^T, M the mass, which is 2 M |u_i - v_j|^2 of
/// lifted points u = (s |x|^2, t x), v = (|y|^2 / s, 4 S y / t). So each step is Sinkhorn between points of d1 + 1 coordinates.
/// </summary>
/// <remarks>
/// s and t make both sides equally long, so that what cancels in the distances is small. Source: M. Scetbon, G. Peyré, M. Cuturi, Linear-time
/// Gromov Wasserstein distances using low rank couplings and costs, ICML 2022.
/// </remarks>
internal sealed class GromovLifted<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double SweepShare = 0.1;
    private const double LeastSweepShare = 0.5;
    private const double FirstSweepTolerance = 1e-3;

    private readonly GromovWasserstein _options;
    private readonly GromovProblem<T> _problem;
    private readonly Execution _execution;
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly int _dx;
    private readonly int _dy;
    private readonly double[] _sharesA;
    private readonly double[] _sharesB;
    private readonly double _tolerance;

    public GromovLifted(GromovWasserstein options, GromovProblem<T> problem, Execution execution)
    {
        _options = options;
        _problem = problem;
        _execution = execution;
        _tolerance = options.Tolerance ?? (typeof(T) == typeof(float) ? 1e-4 : 1e-6);
        PointCloudGeometry<T> a = (PointCloudGeometry<T>)problem.InnerA;
        PointCloudGeometry<T> b = (PointCloudGeometry<T>)problem.InnerB;
        (_dx, _dy) = (a.Dimension, b.Dimension);
        _sharesA = Shares(problem.A, a.Rows);
        _sharesB = Shares(problem.B, b.Rows);
        _x = Centred(a.X, _dx, _sharesA);
        _y = Centred(b.X, _dy, _sharesB);
    }

    private bool IsTiming => _tolerance == 0;

    /// <summary>Whether a problem is of this kind: nothing else is lifted.</summary>
    public static bool Takes(GromovProblem<T> problem, GromovLoss loss) =>
        loss == GromovLoss.Square && problem.Features is null && IsSquared(problem.InnerA) && IsSquared(problem.InnerB);

    public GromovResult<T> Solve()
    {
        double epsilon = Epsilon();
        GromovMoments moments = new(_x, _dx, _y, _dy);
        double[] f = new double[_sharesA.Length];
        double[] g = new double[_sharesB.Length];
        double reach = Math.Sqrt(LargestSquare(_x, _dx) * LargestSquare(_y, _dy));
        double moved = double.PositiveInfinity;
        long sweeps = 0;
        for (int step = 1; ; step++)
        {
            double[] before = [.. moments.Cross];
            Lift lift = new(this, moments.Cross);
            double tolerance = IsTiming ? 0 : Math.Clamp(SweepShare * moved, LeastSweepShare * _tolerance, Math.Max(FirstSweepTolerance, LeastSweepShare * _tolerance));
            Sinkhorn solver = new()
            {
                Epsilon = epsilon,
                Tolerance = tolerance,
                MaxIterations = Math.Min(_options.StepSweeps, _options.MaxIterations - sweeps),
                NewtonFinish = false,
                WarmStart = step == 1 ? null : lift.Potentials(f, g, 1),
            };
            using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(lift.Geometry).WithWeights(_problem.A, _problem.B)]);
            using SinkhornRun<T> run = new(solver, table, _execution);
            run.Sweep(bracket: false);
            run.Extend();
            SinkhornSummary summary = run.Summary(0, f, g);
            sweeps += summary.Iterations;
            Measure(table, epsilon, f, g, moments);
            double change = Distance(before, moments.Cross);
            moved = 16 * _problem.TotalA * reach * change / epsilon;
            DualPotentials lifted = new(f.ToArray(), g.ToArray());
            DualPotentials own = lift.Potentials(f, g, -1);
            own.F.Span.CopyTo(f);
            own.G.Span.CopyTo(g);
            SolveStatus status = Status(summary, moments, moved);
            if (status != SolveStatus.MaxIterations || step == _options.MaxSteps || sweeps >= _options.MaxIterations)
                return Answer(lift.Geometry, lifted, moments, summary, status, epsilon, moved, step, sweeps);
            _execution.Report(step);
        }
    }

    private static bool IsSquared(Geometry<T> geometry) =>
        geometry is PointCloudGeometry<T> { Cost.Kind: CostKind.SquaredEuclidean } points && points.X.AsSpan().SequenceEqual(points.Y);

    private static double[] Shares(T[]? weights, int count)
    {
        double[] shares = new double[count];
        Array.Fill(shares, 1);
        if (weights is not null)
            TensorPrimitives.ConvertTruncating<T, double>(weights, shares);
        CompensatedSum total = default;
        foreach (double share in shares)
            total.Add(share);
        TensorPrimitives.Divide(shares, total.Value, shares);
        return shares;
    }

    private static double[] Centred(T[] points, int dimension, double[] shares)
    {
        double[] centred = Array.ConvertAll(points, double.CreateTruncating);
        for (int k = 0; k < dimension; k++)
        {
            CompensatedSum mean = default;
            for (int i = 0; i < shares.Length; i++)
                mean.AddProduct(shares[i], centred[(i * dimension) + k]);
            for (int i = 0; i < shares.Length; i++)
                centred[(i * dimension) + k] -= mean.Value;
        }

        return centred;
    }

    private static double LargestSquare(double[] points, int dimension)
    {
        double largest = 0;
        for (int i = 0; i < points.Length; i += dimension)
            largest = Math.Max(largest, GromovMoments.SquareOf(points.AsSpan(i, dimension)));
        return largest;
    }

    private static double Distance(double[] left, double[] right)
    {
        double sum = 0;
        for (int k = 0; k < left.Length; k++)
            sum += (left[k] - right[k]) * (left[k] - right[k]);
        return Math.Sqrt(sum);
    }

    private static double ErrorOf(double[] sums, double[] shares)
    {
        CompensatedSum error = default;
        for (int i = 0; i < sums.Length; i++)
            error.Add(Math.Abs(sums[i] - shares[i]));
        return error.Value;
    }

    /// <summary>
    /// The mean over all pairs of the gradient at a b^T, which the square loss makes positive, from the moments of both sides: 2 M times the means of
    /// sum_k |x_i - x_k|^4 a_k and of side b's less twice the product of the means of sum_k |x_i - x_k|^2 a_k and of side b's.
    /// </summary>
    private double Epsilon()
    {
        (double squareA, double quarticA) = Means(_x, _dx, _sharesA);
        (double squareB, double quarticB) = Means(_y, _dy, _sharesB);
        double mean = 2 * _problem.TotalA * (quarticA + quarticB - (2 * squareA * squareB));
        double epsilon = _options.Epsilon ?? (mean == 0 ? _options.EpsilonRelative : _options.EpsilonRelative * mean);
        if (!double.IsNormal(epsilon) || !double.IsFinite(mean))
            Throw.OutOfRange("The gradient at the product of the weights, by its mean magnitude,", mean, "finite, and a normal number times EpsilonRelative: scale the costs");
        return epsilon;
    }

    /// <summary>Of centred points: the plain means over i of sum_k w_k |x_i - x_k|^2 and of its fourth power.</summary>
    private static (double Square, double Quartic) Means(double[] points, int dimension, double[] shares)
    {
        double square = 0;
        double fourth = 0;
        double[] third = new double[dimension];
        double[] second = new double[dimension * dimension];
        for (int i = 0; i < shares.Length; i++)
        {
            ReadOnlySpan<double> point = points.AsSpan(i * dimension, dimension);
            double norm = GromovMoments.SquareOf(point);
            square += shares[i] * norm;
            fourth += shares[i] * norm * norm;
            for (int k = 0; k < dimension; k++)
            {
                third[k] += shares[i] * norm * point[k];
                for (int c = 0; c < dimension; c++)
                    second[(k * dimension) + c] += shares[i] * point[k] * point[c];
            }
        }

        double meanSquare = 0;
        double meanQuartic = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            ReadOnlySpan<double> point = points.AsSpan(i * dimension, dimension);
            double norm = GromovMoments.SquareOf(point);
            double form = 0;
            for (int k = 0; k < dimension; k++)
                form += point[k] * GromovMoments.Dot(second.AsSpan(k * dimension, dimension), point);
            meanSquare += (norm + square) / shares.Length;
            meanQuartic += ((norm * norm) + fourth + (4 * form) + (2 * norm * square) - (4 * GromovMoments.Dot(point, third))) / shares.Length;
        }

        return (meanSquare, meanQuartic);
    }

    /// <summary>The moments of the plan of potentials.</summary>
    private void Measure(ProblemTable<T> table, double epsilon, double[] f, double[] g, GromovMoments moments)
    {
        using LoadedTable<T> loaded = _execution.Backend.Load(table);
        using BackendBuffer<double> potentials = _execution.Backend.Allocate<double>(table.PotentialCount);
        double[] shifted = new double[f.Length];
        TensorPrimitives.Add(f, epsilon * Math.Log(_problem.TotalA), shifted);
        potentials.CopyFrom(shifted, table.Rows[0].PotentialsA);
        potentials.CopyFrom(g, table.Rows[0].PotentialsB);
        using LoadedPlan plan = _execution.Backend.LoadPlan(loaded, 0, epsilon, potentials, keep: false, _execution);
        moments.Take(plan, _execution);
    }

    private SolveStatus Status(in SinkhornSummary summary, GromovMoments moments, double moved)
    {
        double error = Math.Max(ErrorOf(moments.RowSums, _sharesA), ErrorOf(moments.ColumnSums, _sharesB));
        if (summary.Status == SolveStatus.NumericalFailure || !double.IsFinite(moved + error))
            return SolveStatus.NumericalFailure;
        return !IsTiming && Math.Max(moved, error) <= _tolerance ? SolveStatus.Converged : SolveStatus.MaxIterations;
    }

    private GromovResult<T> Answer(
        PointCloudGeometry<T> geometry,
        DualPotentials lifted,
        GromovMoments moments,
        in SinkhornSummary summary,
        SolveStatus status,
        double epsilon,
        double moved,
        int steps,
        long sweeps)
    {
        double mass = _problem.TotalA;
        double value = mass * mass * moments.Value();
        T[] a = _problem.A ?? Uniform(_sharesA.Length);
        T[] b = _problem.B ?? Uniform(_sharesB.Length);
        status = double.IsFinite(value) ? status : SolveStatus.NumericalFailure;
        return new GromovResult<T>(new EntropicPlan<T>(geometry, a, b, lifted, epsilon, mass, _execution))
        {
            Status = status,
            Value = value,
            GromovCost = value,
            FeatureCost = double.NaN,
            RegularizedCost = value + summary.RegularizedCost - summary.TransportCost,
            Mass = summary.Mass,
            Epsilon = epsilon,
            MarginalErrorA = mass * ErrorOf(moments.RowSums, _sharesA),
            MarginalErrorB = mass * ErrorOf(moments.ColumnSums, _sharesB),
            Moved = mass * moved,
            Steps = steps,
            Iterations = sweeps,
            Potentials = lifted,
            Advice = GromovWasserstein.Advice(status, epsilon, IsTiming),
        };

        static T[] Uniform(int count)
        {
            T[] weights = new T[count];
            Array.Fill(weights, T.One / T.CreateChecked(count));
            return weights;
        }
    }

    /// <summary>The lifted points of one step, and what their squares add to potentials.</summary>
    private sealed class Lift
    {
        private readonly double[] _u;
        private readonly double[] _v;

        public Lift(GromovLifted<T> owner, double[] cross)
        {
            (int n, int m, int dx, int dy) = (owner._sharesA.Length, owner._sharesB.Length, owner._dx, owner._dy);
            int width = dx + 1;
            double root = Math.Sqrt(2 * owner._problem.TotalA);
            double[] u = new double[Sizes.Product("The lifted points of side a", n, width, "use fewer points or coordinates")];
            double[] v = new double[Sizes.Product("The lifted points of side b", m, width, "use fewer points or coordinates")];
            for (int i = 0; i < n; i++)
            {
                ReadOnlySpan<double> point = owner._x.AsSpan(i * dx, dx);
                point.CopyTo(u.AsSpan((i * width) + 1));
                u[i * width] = GromovMoments.SquareOf(point);
            }

            for (int j = 0; j < m; j++)
            {
                ReadOnlySpan<double> point = owner._y.AsSpan(j * dy, dy);
                v[j * width] = GromovMoments.SquareOf(point);
                for (int k = 0; k < dx; k++)
                    v[(j * width) + 1 + k] = 4 * GromovMoments.Dot(cross.AsSpan(k * dy, dy), point);
            }

            Balance(u, v, width, 0, 1, root);
            Balance(u, v, width, 1, width, root);
            T[] x = Array.ConvertAll(u, T.CreateTruncating);
            T[] y = Array.ConvertAll(v, T.CreateTruncating);
            Geometry = new PointCloudGeometry<T>(x, y, width, Cost.SquaredEuclidean);
            _u = Squares(x, width);
            _v = Squares(y, width);
        }

        public PointCloudGeometry<T> Geometry { get; }

        /// <summary>Potentials on the costs -2 u v, and those on |u - v|^2: with the squares added (sign 1), or taken off (-1).</summary>
        public DualPotentials Potentials(double[] f, double[] g, int sign)
        {
            double[] shiftedF = new double[f.Length];
            double[] shiftedG = new double[g.Length];
            TensorPrimitives.MultiplyAdd(_u, (double)sign, f, shiftedF);
            TensorPrimitives.MultiplyAdd(_v, (double)sign, g, shiftedG);
            return new DualPotentials(shiftedF, shiftedG);
        }

        /// <summary>Scales coordinates of both sides, one by the inverse of the other, to the same largest square; both by a root of the cost's factor.</summary>
        private static void Balance(double[] u, double[] v, int width, int first, int end, double root)
        {
            double largestU = Largest(u);
            double largestV = Largest(v);
            double ratio = largestU > 0 && largestV > 0 ? Math.Sqrt(largestV / largestU) : 0;
            Scale(u, root * ratio);
            Scale(v, ratio > 0 ? root / ratio : 0);

            double Largest(double[] points)
            {
                double largest = 0;
                for (int i = 0; i < points.Length; i += width)
                    largest = Math.Max(largest, Math.Sqrt(GromovMoments.SquareOf(points.AsSpan(i + first, end - first))));
                return largest;
            }

            void Scale(double[] points, double factor)
            {
                for (int i = 0; i < points.Length; i += width)
                    TensorPrimitives.Multiply(points.AsSpan(i + first, end - first), factor, points.AsSpan(i + first, end - first));
            }
        }

        private static double[] Squares(T[] points, int width)
        {
            double[] wide = Array.ConvertAll(points, double.CreateTruncating);
            double[] squares = new double[points.Length / width];
            for (int i = 0; i < squares.Length; i++)
                squares[i] = GromovMoments.SquareOf(wide.AsSpan(i * width, width));
            return squares;
        }
    }
}
