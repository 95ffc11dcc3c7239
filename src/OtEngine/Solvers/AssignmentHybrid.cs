using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// A large square assignment problem as exact transport between unit masses, its passes over all pairs the verbs of a remote backend: the verb
/// Assignment inserts rows one after another within one block, which leaves the rest of a device idle. The optimal assignment is SciPy's where
/// there is no other, nor any so near that rounding could prefer it; where that is not proven, the verb decides.
/// </summary>
/// <remarks>
/// Proof: another assignment differs along cycles that leave a row by an unmatched arc and come back by matched ones, and costs the reduced costs
/// of those arcs more, less those of the matched ones, which need not be zero: pricing passes over <see cref="IPricer.Slack"/>. They are summed
/// and added to what rounding may do; if the arcs of reduced cost up to that margin form no cycle, every other assignment has an arc beyond it.
/// </remarks>
internal static class AssignmentHybrid
{
    /// <summary>
    /// Rows from which on: below, n^2 steps of a block that keeps its state on chip are few. Provisional: chosen without a GPU at hand, where the two
    /// methods are yet to be timed.
    /// </summary>
    public const int Rows = 2000;

    /// <summary>Solves one problem.</summary>
    /// <param name="costs">n x n costs, row-major, to be minimized.</param>
    /// <param name="n">Rows, and columns.</param>
    /// <param name="execution">The backend, threads and cancellation, without a listener: pivots are no rows inserted.</param>
    /// <returns>Matching, potentials and what else came of it; null where the verb has to decide.</returns>
    public static AssignmentAnswer? TrySolve<T>(T[] costs, int n, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double margin = Margin(n, Math.Abs(double.CreateTruncating(TensorPrimitives.MaxMagnitude<T>(costs))));
        if (!double.IsFinite(margin))
            return null;
        T[] ones = new T[n];
        ones.AsSpan().Fill(T.One);
        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(new DenseGeometry<T>(costs, n, n)).WithWeights(ones, ones)]);
        using ExactWorker<T> worker = new(new Exact { Method = ExactMethod.Hybrid }, table, execution);
        try
        {
            return worker.TrySolveByPasses(0) && worker.Status == SolveStatus.Converged ? Answer(worker, costs, n, margin) : null;
        }
        catch (DeviceException fault) when (fault is { IsOutOfMemory: true, IsLost: false })
        {
            return null;
        }
    }

    private static AssignmentAnswer? Answer<T>(ExactWorker<T> worker, T[] costs, int n, double margin)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] matching = new int[n];
        for (int node = 0; node < 2 * n; node++)
        {
            int parent = worker.Tree.Parent(node);
            if (parent >= 0 && worker.Tree.Flow(node) > 0)
                matching[Math.Min(node, parent)] = Math.Max(node, parent) - n;
        }

        double[] u = worker.U[..n].ToArray();
        double[] v = new double[n];
        double violation = worker.Passes!.Extend(u, v);
        for (int i = 0; i < n; i++)
            margin += Math.Max(0, double.CreateTruncating(costs[(i * n) + matching[i]]) - u[i] - v[matching[i]]);
        return IsTheOnlyOne(worker.Passes, matching, u, v, margin)
            ? new AssignmentAnswer(matching, u, v, new AssignmentOutcome { Scans = worker.Pivots, LargestViolation = violation, Inserted = n })
            : null;
    }

    /// <summary>What rounding may do to SciPy's sums: n insertions along paths of n arcs at most, each arc rounded a few times at the size of the largest cost.</summary>
    private static double Margin(int n, double largest) => largest * n * n / (1L << 50);

    /// <summary>Whether the arcs within the margin form no cycle: rows without such an arc left are taken out until none is left.</summary>
    private static bool IsTheOnlyOne<T>(ArcPasses<T> passes, int[] matching, double[] u, double[] v, double margin)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = matching.Length;
        ArcLists tight = new();
        TensorPrimitives.Negate<double>(v, v);
        passes.Lowest(TransportSide.A, u, v, 0, Math.BitIncrement(margin), ArcPrices.Most, tight);
        TensorPrimitives.Negate<double>(v, v);
        int[] owners = new int[n];
        for (int i = 0; i < n; i++)
            owners[matching[i]] = i;
        int[] entering = new int[n];
        for (int i = 0; i < n; i++)
        {
            // A full list may have lost some.
            if (tight.Ends(i).Length == ArcPrices.Most)
                return false;
            foreach (int j in tight.Ends(i))
                entering[owners[j]] += owners[j] == i ? 0 : 1;
        }

        Stack<int> free = new(Enumerable.Range(0, n).Where(i => entering[i] == 0));
        int taken = 0;
        while (free.TryPop(out int i))
        {
            taken++;
            foreach (int j in tight.Ends(i))
            {
                if (owners[j] != i && --entering[owners[j]] == 0)
                    free.Push(owners[j]);
            }
        }

        return taken == n;
    }
}
