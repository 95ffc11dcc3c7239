using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Problems of every kind that the two methods of exact transport must agree on.</summary>
internal sealed record HybridCase(string Name, double[] Cost, double[] A, double[] B)
{
    public static readonly string[] Kinds = ["cloud", "high", "clustered", "grid", "coinciding", "integer", "rowsplit", "wide", "heavy"];

    public static readonly (int Rows, int Columns)[] Sizes =
    [
        (1, 1), (1, 9), (8, 1), (2, 2), (3, 5), (7, 8), (16, 17), (31, 5), (64, 64), (97, 130), (200, 61),
    ];

    public static IEnumerable<HybridCase> Small => from kind in Kinds from size in Sizes from seed in Enumerable.Range(0, 3) select Draw(kind, seed, size.Rows, size.Columns);

    /// <summary>Past the sizes of the first sample, and of the second.</summary>
    public static IEnumerable<HybridCase> Large =>
        Kinds.Select((kind, k) => Draw(kind, 20 + k, 700 + (13 * k), 590)).Append(Draw("cloud", 40, 4500, 260)).Append(Draw("clustered", 41, 300, 4500));

    public static HybridCase Draw(string kind, int seed, int n, int m)
    {
        double[] a = Drawn.Weights((1000 * seed) + 1, n);
        double[] b = Drawn.Weights((1000 * seed) + 2, m);
        int d = kind == "high" ? 40 : 2;
        double[] x = Drawn.Cloud((1000 * seed) + 3, n, d);
        double[] y = Drawn.Cloud((1000 * seed) + 4, m, d, 0.5);
        double[] cost = kind switch
        {
            "clustered" => Squared(Cluster(x, 7), Cluster(y, 4), n, m, d),
            "grid" => Squared(Grid(n), Grid(m), n, m, 2),
            "coinciding" => Squared(Drawn.CoincidingCloud(seed, n, 2), Drawn.CoincidingCloud(seed + 50, m, 2), n, m, 2),
            "integer" => Drawn.Costs(seed, n, m, 3),

            // Only sums of a row's and a column's part: every plan is optimal.
            "rowsplit" => [.. Enumerable.Range(0, n * m).Select(k => (double)((k / m % 5) + (k % m % 3) + 1))],
            _ => Squared(x, y, n, m, d),
        };
        if (kind == "wide")
            (a, b) = (Drawn.WideWeights(seed, n, 12), Drawn.WideWeights(seed + 9, m, 12));
        if (kind == "heavy")
        {
            a = [.. a.Select((w, i) => i == 0 ? 0.9 : 0.1 * w)];
            double rest = NeumaierSum.Of(a);
            a = [.. a.Select(w => w / rest)];
        }

        return new HybridCase($"{kind} {n} x {m}, seed {seed}", cost, a, b);
    }

    private static double[] Cluster(double[] points, int clusters) =>
        [.. points.Select((v, k) => (0.02 * v) + (3 * ((k / 2 % clusters) + (k % 2 * 2)) % 11))];

    private static double[] Grid(int count)
    {
        int side = (int)Math.Ceiling(Math.Sqrt(count));
        return [.. Enumerable.Range(0, 2 * count).Select(k => (double)(k % 2 == 0 ? k / 2 / side : k / 2 % side))];
    }

    private static double[] Squared(double[] x, double[] y, int n, int m, int d)
    {
        double[] cost = new double[n * m];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                for (int k = 0; k < d; k++)
                    cost[(i * m) + j] += (x[(i * d) + k] - y[(j * d) + k]) * (x[(i * d) + k] - y[(j * d) + k]);
            }
        }

        return cost;
    }
}
