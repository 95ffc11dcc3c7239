using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>The verbs of a Gromov-Wasserstein step, on costs in the memory of the backend.</summary>
internal sealed partial class VerbChecks<T>
{
    /// <summary>Constants of a loss, the plan of potentials, and the gradient of it with features.</summary>
    private (VerbError Constants, VerbError Plan, VerbError Gradient) GromovStep()
    {
        const int N = 37;
        const int M = 261;
        (T[] weightsA, double[] a) = Uneven(N);
        (T[] weightsB, double[] b) = Uneven(M);
        T[] costs = Drawn(9, N * M), inner = Drawn(10, N * N), products = Drawn(11, N * M), features = Drawn(12, N * M);
        using BackendBuffer<T> ofCosts = Buffer(costs), ofInner = Buffer(inner), gradients = Buffer(products), ofFeatures = Buffer(features), plans = Buffer(new T[N * M]);
        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(new BufferGeometry<T>(ofCosts, 0, N, M)).WithWeights(weightsA, weightsB)]);
        using LoadedTable<T> loaded = Backend.Load(table);
        using BackendBuffer<double> potentials = Backend.Allocate<double>(N + M), marginals = Backend.Allocate<double>(N + M), moved = Backend.Allocate<double>(N + M);
        using BackendBuffer<double> weights = Backend.Allocate<double>(N), constants = Backend.Allocate<double>(N), sums = Backend.Allocate<double>((N + M) * GromovSums.Count);
        double[] both = Values(N + M);
        potentials.CopyFrom(both, 0);
        weights.CopyFrom(a, 0);
        GromovRow[] rows = [new GromovRow { Problem = 0, HasFeatures = 1, Matrix = 0, Features = 0, Factor = 1.5, FeatureFactor = 0.5 }];

        Backend.GromovConstants<T>([new GromovInner { Size = N, Function = GromovFunction.Square, Costs = 0, Weights = 0 }], ofInner, weights, constants, _execution);
        Backend.GromovPlan(loaded, rows, new[] { VerifyProblem<T>.Epsilon }, potentials, plans, marginals, moved, _execution);
        T[] plan = new T[N * M];
        plans.CopyTo(plan, 0);
        Backend.GromovGradient(loaded, rows, potentials, plans, ofFeatures, gradients, sums, _execution);

        NaiveReference reference = new(Wide(costs), a, b, both[..N], both[N..], VerifyProblem<T>.Epsilon);
        double[] c = Wide(inner), expectedConstants = new double[N], gradient = new double[N * M], cross = new double[N];
        for (int k = 0; k < c.Length; k++)
            expectedConstants[k / N] += a[k % N] * ((c[k] * c[k]) + Math.Pow(c[(k % N * N) + (k / N)], 2)) / 2;
        for (int k = 0; k < gradient.Length; k++)
        {
            double x = double.CreateChecked(products[k]);
            gradient[k] = (1.5 * (both[k / M] + both[N + (k % M)] - x)) + (0.5 * double.CreateChecked(features[k]));
            cross[k / M] += double.CreateChecked(plan[k]) * x;
        }

        return (
            VerbError.Between(Read(constants), expectedConstants, 0, VerbError.Roundoff<double>() * 2 * N),
            VerbError.Between(Wide(plan), reference.Plan, 0, VerbError.Roundoff<T>() * (1 + reference.LargestExponent))
                .Or(VerbError.Between(Read(marginals), reference.Marginals, 0, VerbError.Roundoff<T>() * (N + M))),
            VerbError.Between(Read(gradients), gradient, 0, VerbError.Roundoff<T>() * 4)
                .Or(VerbError.Between(Read(sums).AsSpan(GromovSums.Cross * (N + M), N), cross, 0, VerbError.Roundoff<double>() * M)));
    }

    /// <summary>Uneven weights, every fifth zero, and their shares of total one.</summary>
    private static (T[] Weights, double[] Shares) Uneven(int count)
    {
        double[] raw = [.. Enumerable.Range(0, count).Select(k => k % 5 == 4 ? 0 : 1.0 + (k % 3))];
        double total = raw.Sum();
        T[] weights = Array.ConvertAll(raw, weight => T.CreateChecked(weight / total));
        double[] wide = Wide(weights);
        double sum = wide.Sum();
        return (weights, Array.ConvertAll(wide, weight => weight / sum));
    }
}
