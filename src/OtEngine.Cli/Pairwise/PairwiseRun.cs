using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Pairwise;

/// <summary>Fills a matrix of all pairs, part by part, so that an interruption costs at most half a second of work.</summary>
/// <param name="geometry">Costs between bins.</param>
/// <param name="histograms">The histograms.</param>
/// <param name="solver">How each pair is solved.</param>
/// <param name="root">The order of the root that is taken of a transport cost; 1 keeps the cost.</param>
internal sealed class PairwiseRun<T>(Geometry<T> geometry, HistogramTable<T> histograms, TransportSolver solver, double root)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int FirstPart = 256;
    private const int LargestPart = 1 << 18;
    private static readonly TimeSpan PartTime = TimeSpan.FromMilliseconds(300);

    /// <summary>Pairs that this run has solved.</summary>
    public long Solved { get; private set; }

    /// <summary>The time this run has spent on them.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>A digest of everything that the entries depend on.</summary>
    /// <param name="costs">What the costs are.</param>
    public string Fingerprint(ReadOnlySpan<byte> costs)
    {
        // An entry that has converged meets the tolerance whatever the limit was, so more iterations may be given to finish the others.
        string method = solver is Sinkhorn sinkhorn
            ? FormattableString.Invariant($"sinkhorn, epsilon {sinkhorn.Epsilon:R}, tolerance {sinkhorn.Tolerance:R}{(sinkhorn.Tolerance == 0 ? $", {sinkhorn.MaxIterations} sweeps" : "")}")
            : "exact";
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"pairwise 1, {method}, {typeof(T).Name}, root {root:R}, {histograms.Count} x {histograms.Bins}")));
        hash.AppendData(MemoryMarshal.AsBytes(histograms.Values.AsSpan()));
        hash.AppendData(costs);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Solves what is missing.</summary>
    /// <returns>How it ended; if some pairs did not converge, how the first of them did, and what to do about it.</returns>
    /// <exception cref="OperationCanceledException">The session was stopped; what is finished is in the matrix and its file.</exception>
    public (SolveStatus Status, string? Advice) Fill(PairwiseMatrix matrix, Session session)
    {
        long inherited = matrix.Problems - matrix.Missing().LongCount();
        session.Progress.Begin(matrix.Problems, inherited);
        List<(int First, int Second)> part = new(FirstPart);
        int size = FirstPart;
        (int First, int Second)? unsolved = null;
        foreach ((int First, int Second) pair in matrix.Missing())
        {
            part.Add(pair);
            if (part.Count < size)
                continue;
            TimeSpan time = Solve(part, matrix, session, ref unsolved);
            size = (int)Math.Clamp(part.Count * (PartTime / time), part.Count / 4, Math.Min(4L * part.Count, LargestPart)) + 1;
            part.Clear();
        }

        if (part.Count > 0)
            Solve(part, matrix, session, ref unsolved);
        matrix.Write(0, matrix.Count - 1);
        if (unsolved is { } first)
            return Explain(first, session);
        return (solver is Sinkhorn { Tolerance: 0 } ? SolveStatus.MaxIterations : SolveStatus.Converged, null);
    }

    /// <summary>Solves some known pairs again and compares.</summary>
    /// <param name="matrix">The matrix, as found.</param>
    /// <param name="path">Its file, for the message.</param>
    /// <param name="session">The session.</param>
    /// <exception cref="InputFileException">An entry is not what these inputs give.</exception>
    public void Verify(PairwiseMatrix matrix, string path, Session session)
    {
        (int First, int Second)[] pairs = [.. matrix.KnownSample()];
        double[] costs = new double[pairs.Length];
        session.Engine.SolveCosts<T>(geometry, histograms.Values, pairs, solver, costs, null, session.Token);
        double tolerance = typeof(T) == typeof(float) ? 1e-5 : 1e-9;
        for (int k = 0; k < pairs.Length; k++)
        {
            (int i, int j) = pairs[k];
            double found = matrix.Values[(i * matrix.Count) + j];
            double expected = Root(costs[k]);
            if (!(Math.Abs(found - expected) <= tolerance * Math.Max(Math.Abs(found), Math.Abs(expected))))
                throw new InputFileException(path, FormattableString.Invariant($"entry [{i}, {j}] is {found:R}, but these inputs and options give {expected:R}; delete the file to start anew, or choose another output"));
        }
    }

    // Costs alone do not say why one is missing; a whole answer does.
    private (SolveStatus Status, string? Advice) Explain((int First, int Second) pair, Session session)
    {
        TransportProblem<T> problem = TransportProblem.On(geometry).WithWeights(Row(pair.First), Row(pair.Second));
        using TransportResult<T> result = session.Engine.Solve(problem, solver, null, session.Token);
        return result.Status == SolveStatus.Converged
            ? (SolveStatus.NumericalFailure, null)
            : (result.Status, $"Rows {pair.First} and {pair.Second}, counted from 0: {result.Advice ?? "no answer could be proven."}");
    }

    private T[] Row(int histogram) => histograms.Values[(histogram * histograms.Bins)..((histogram + 1) * histograms.Bins)];

    private double Root(double cost) => root == 1 ? cost : Math.Pow(Math.Max(cost, 0), 1 / root);

    private TimeSpan Solve(List<(int First, int Second)> part, PairwiseMatrix matrix, Session session, ref (int First, int Second)? unsolved)
    {
        double[] costs = new double[part.Count];
        costs.AsSpan().Fill(double.NaN);
        long start = Stopwatch.GetTimestamp();
        try
        {
            session.Engine.SolveCosts<T>(geometry, histograms.Values, CollectionsMarshal.AsSpan(part), solver, costs, session.Progress, session.Token);
        }
        finally
        {
            Elapsed += Stopwatch.GetElapsedTime(start);
            for (int k = 0; k < costs.Length; k++)
            {
                if (!double.IsNaN(costs[k]))
                    matrix.Set(part[k], Root(costs[k]));
                Solved += double.IsNaN(costs[k]) ? 0 : 1;
            }

            matrix.Write(part[0].First, part[^1].First);
        }

        session.Progress.Advance(part.Count);
        int first = Array.FindIndex(costs, double.IsNaN);
        unsolved ??= first < 0 ? null : part[first];
        return Stopwatch.GetElapsedTime(start);
    }
}
