namespace OtEngine.TestSupport;

/// <summary>Gromov-Wasserstein by its definition, in four loops and in double. C1 is n x n, C2 m x m, plans and gradients n x m, all row-major.</summary>
public sealed class NaiveGromov(double[] innerA, double[] innerB, int rows, int columns, bool isKl = false)
{
    /// <summary>n.</summary>
    public int Rows => rows;

    /// <summary>m.</summary>
    public int Columns => columns;

    /// <summary>(x - y)^2, or x ln((x + 1e-15) / (y + 1e-15)) - x + y.</summary>
    public double Loss(double x, double y) => isKl ? (x * (Math.Log(x + 1e-15) - Math.Log(y + 1e-15))) - x + y : (x - y) * (x - y);

    /// <summary>sum_ijkl L(C1_ik, C2_jl) P_ij P_kl.</summary>
    public double Value(double[] plan)
    {
        double[] gradient = Gradient(plan);
        return NeumaierSum.Of(gradient.Zip(plan, (g, p) => p == 0 ? 0 : g * p)) / 2;
    }

    /// <summary>The derivative of <see cref="Value"/> by P_ij: sum_kl (L(C1_ik, C2_jl) + L(C1_ki, C2_lj)) P_kl.</summary>
    public double[] Gradient(double[] plan)
    {
        double[] gradient = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double sum = 0;
                for (int k = 0; k < rows; k++)
                {
                    for (int l = 0; l < columns; l++)
                    {
                        double mass = plan[(k * columns) + l];
                        if (mass != 0)
                            sum += mass * (Loss(innerA[(i * rows) + k], innerB[(j * columns) + l]) + Loss(innerA[(k * rows) + i], innerB[(l * columns) + j]));
                    }
                }

                gradient[(i * columns) + j] = sum;
            }
        }

        return gradient;
    }

    /// <summary>
    /// Projected gradient from a b^T, each step to convergence: P' minimises sum D P' + eps KL(P' | a b^T), D the gradient at P. Marginals within the
    /// tolerance, steps until the plan moves by no more than it.
    /// </summary>
    /// <param name="a">n weights.</param>
    /// <param name="b">m weights of the same total.</param>
    /// <param name="epsilon">eps.</param>
    /// <param name="tolerance">Of both, over the mass.</param>
    /// <param name="features">M, or null.</param>
    /// <param name="alpha">The share of the inner costs.</param>
    public double[] Solve(double[] a, double[] b, double epsilon, double tolerance, double[]? features = null, double alpha = 1)
    {
        const int MostSteps = 2000;
        double mass = NeumaierSum.Of(a), total = NeumaierSum.Of(b);
        b = [.. b.Select(w => w * mass / total)];
        double[] plan = [.. a.SelectMany(w => b.Select(v => w * v / mass))];
        for (int step = 0; step < MostSteps; step++)
        {
            double[] gradient = [.. Gradient(plan).Select((d, k) => (alpha * d) + (features is null ? 0 : (1 - alpha) * features[k]))];
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(gradient, a, b, epsilon, tolerance / 10);
            double[] next = NaiveEntropic.Plan(gradient, a, b, f, g, epsilon);
            double moved = NeumaierSum.Of(next.Zip(plan, (p, q) => Math.Abs(p - q)));
            plan = next;
            if (moved <= tolerance * mass)
                break;
        }

        return plan;
    }
}
