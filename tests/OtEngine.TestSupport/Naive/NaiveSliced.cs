namespace OtEngine.TestSupport;

/// <summary>Transport between two sides on a line by their quantile functions, atom by atom, with the order of the atoms and the slopes of the cost.</summary>
public static class NaiveSliced
{
    /// <summary>Indices in ascending order of position, equal ones by index.</summary>
    public static int[] Order(double[] positions) => [.. Enumerable.Range(0, positions.Length).OrderBy(i => positions[i])];

    /// <summary>The cost between sides scaled to mass one, and how it changes with each position: sum P_ij p |d|^(p-1) sign d, d = x_i - y_j.</summary>
    public static (double Cost, double[] SlopesX, double[] SlopesY) Solve(double[] x, double[] y, double[] a, double[] b, double p)
    {
        double totalA = NeumaierSum.Of(a), totalB = NeumaierSum.Of(b);
        List<(double From, double To, int Atom)> first = Pieces(x, a, totalA), second = Pieces(y, b, totalB);
        double[] slopesX = new double[x.Length], slopesY = new double[y.Length];
        List<double> terms = [];
        foreach ((double from, double to, int i) in first)
        {
            foreach ((double otherFrom, double otherTo, int j) in second)
            {
                double mass = Math.Min(to, otherTo) - Math.Max(from, otherFrom);
                if (mass <= 0)
                    continue;
                double d = x[i] - y[j];
                terms.Add(mass * Math.Pow(Math.Abs(d), p));
                double slope = d == 0 ? 0 : mass * p * Math.Pow(Math.Abs(d), p - 1) * Math.Sign(d);
                slopesX[i] += slope;
                slopesY[j] -= slope;
            }
        }

        return (NeumaierSum.Of(terms), slopesX, slopesY);
    }

    private static List<(double From, double To, int Atom)> Pieces(double[] points, double[] weights, double total)
    {
        var pieces = new List<(double, double, int)>();
        double to = 0;
        foreach (int i in Order(points).Where(i => weights[i] > 0))
            pieces.Add((to / total, (to += weights[i]) / total, i));
        return pieces;
    }
}
