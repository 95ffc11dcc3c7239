namespace OtEngine.TestSupport;

/// <summary>
/// Balanced transport by shortest augmenting paths on dense arrays: slow, short, for a few dozen atoms. The potentials come
/// with the plan, so that <see cref="TransportEvidence"/> can tell how right an answer is without trusting this code.
/// </summary>
public static class NaiveTransportLp
{
    /// <summary>Minimises &lt;C,P&gt; over plans with row sums a and column sums b.</summary>
    /// <param name="cost">Row-major, n x m, finite.</param>
    /// <param name="a">n weights, zeros allowed.</param>
    /// <param name="b">m weights of the same total up to rounding; what rounding leaves over stays unmatched.</param>
    public static NaiveTransportAnswer Solve(double[] cost, double[] a, double[] b)
    {
        int n = a.Length, m = b.Length;
        double[] plan = new double[n * m], supply = [.. a], demand = [.. b];
        double[] u = new double[n], v = NaiveCTransform.OfRows(cost, m, u);
        for (int source = 0; source < n; source++)
        {
            while (supply[source] > 0 && demand.Any(d => d > 0))
            {
                int[] parent = new int[n + m];
                int end = ShortestPath(cost, plan, u, v, demand, source, parent);
                Push(plan, supply, demand, source, end, parent);
            }
        }

        double value = NeumaierSum.Of(plan.Zip(cost, (mass, c) => mass == 0 ? 0 : mass * c));
        return new NaiveTransportAnswer(value, plan, u, v);
    }

    // Dijkstra on the residual graph, nodes 0..n-1 the rows and n.. the columns; arc lengths are reduced costs, which the
    // update of u and v at the end keeps non-negative, and zero wherever mass flows.
    private static int ShortestPath(double[] cost, double[] plan, double[] u, double[] v, double[] demand, int source, int[] parent)
    {
        int n = u.Length, m = v.Length;
        double[] distance = [.. Enumerable.Repeat(double.PositiveInfinity, n + m)];
        var open = Enumerable.Range(0, n + m).ToHashSet();
        var settled = new List<int>();
        distance[source] = 0;
        while (true)
        {
            int node = open.MinBy(k => distance[k]);
            open.Remove(node);
            if (node >= n && demand[node - n] > 0)
            {
                foreach (int k in settled)
                {
                    if (k < n)
                        u[k] += distance[node] - distance[k];
                    else
                        v[k - n] -= distance[node] - distance[k];
                }

                return node;
            }

            settled.Add(node);
            foreach (int next in open)
            {
                double length = (node < n, next < n) switch
                {
                    (true, false) => Math.Max(0, cost[(node * m) + next - n] - u[node] - v[next - n]),
                    (false, true) when plan[(next * m) + node - n] > 0 => 0,
                    _ => double.PositiveInfinity,
                };
                if (distance[node] + length < distance[next])
                    (distance[next], parent[next]) = (distance[node] + length, node);
            }
        }
    }

    private static void Push(double[] plan, double[] supply, double[] demand, int source, int end, int[] parent)
    {
        int n = supply.Length, m = demand.Length;
        double amount = Math.Min(supply[source], demand[end - n]);
        for (int column = end; parent[column] != source; column = parent[parent[column]])
            amount = Math.Min(amount, plan[(parent[column] * m) + parent[parent[column]] - n]);

        supply[source] -= amount;
        demand[end - n] -= amount;
        for (int column = end; ; column = parent[parent[column]])
        {
            int row = parent[column];
            plan[(row * m) + column - n] += amount;
            if (row == source)
                return;
            plan[(row * m) + parent[row] - n] -= amount;
        }
    }
}
