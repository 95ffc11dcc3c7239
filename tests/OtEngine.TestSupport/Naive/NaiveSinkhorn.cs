namespace OtEngine.TestSupport;

/// <summary>Alternating updates of two potentials by log-sum-exp, one after the other as the formulas stand.</summary>
public static class NaiveSinkhorn
{
    /// <summary>
    /// One full iteration: f' = (1 - omega) f + omega lambda_a S_b(g), then g' = (1 - omega) g + omega lambda_b S_a(f'), where S is
    /// the soft c-transform and lambda = rho / (rho + eps), 1 where the marginal is fixed.
    /// </summary>
    public static (double[] F, double[] G) Sweep(
        double[] cost, double[] a, double[] b, double[] f, double[] g, double epsilon, double omega = 1, double lambdaA = 1, double lambdaB = 1)
    {
        double[] nextF = [.. NaiveSoftMin.OfColumns(cost, g, b, epsilon).Zip(f, (s, p) => ((1 - omega) * p) + (omega * lambdaA * s))];
        double[] nextG = [.. NaiveSoftMin.OfRows(cost, nextF, a, epsilon).Zip(g, (s, p) => ((1 - omega) * p) + (omega * lambdaB * s))];
        return (nextF, nextG);
    }

    /// <summary>
    /// Sweeps, eps halved from the largest |C| down, until the rows are within a share of the mass (the columns are right after each sweep)
    /// or a number of sweeps at the last eps is done. Potentials of atoms without mass are soft c-transforms as well.
    /// </summary>
    public static (double[] F, double[] G, long Sweeps) Solve(double[] cost, double[] a, double[] b, double epsilon, double tolerance, long most = 100_000)
    {
        const int SweepsALevel = 20;
        double[] transposed = NaiveSoftMin.Transposed(cost, a.Length);
        double[] f = new double[a.Length], g = new double[b.Length];
        double mass = NeumaierSum.Of(a);
        for (double level = TransportEvidence.LargestMagnitude(cost); level > epsilon; level /= 2)
        {
            for (int k = 0; k < SweepsALevel; k++)
            {
                Update(cost, g, b, f, level);
                Update(transposed, f, a, g, level);
            }
        }

        double[] previous = new double[a.Length];
        for (long sweep = 1; ; sweep++)
        {
            Update(cost, g, b, f, epsilon);

            // With the columns right, row i carries a_i exp((f_i before - f_i after) / eps).
            double error = sweep == 1 ? double.PositiveInfinity : a.Select((w, i) => w == 0 ? 0 : w * Math.Abs(Math.Exp((previous[i] - f[i]) / epsilon) - 1)).Sum();
            Update(transposed, f, a, g, epsilon);
            if (error <= tolerance * mass || sweep == most)
                return (f, g, sweep);
            f.CopyTo(previous, 0);
        }
    }

    private static void Update(double[] cost, double[] other, double[] weights, double[] own, double epsilon)
    {
        for (int i = 0; i < own.Length; i++)
            own[i] = NaiveSoftMin.Of(cost.AsSpan(i * other.Length, other.Length), other, weights, epsilon);
    }
}
