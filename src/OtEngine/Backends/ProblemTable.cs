using System.Collections.Immutable;
using System.Numerics;

namespace OtEngine.Backends;

/// <summary>
/// A batch of problems of any sizes, without padding: what every solver takes and every verb works on. One problem is
/// a table of one row. Geometries and weights are shared between rows by index and offset. Which arithmetic a row
/// sees depends on the row alone, so a batch gives the same bits as its loop.
/// </summary>
internal sealed class ProblemTable<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly bool _ownsWeights;

    public ProblemTable(ImmutableArray<Geometry<T>> geometries, ImmutableArray<ProblemRow> rows, HostBuffer<T> weights, bool ownsWeights = true)
    {
        _ownsWeights = ownsWeights;
        Geometries = geometries;
        Rows = rows;
        Weights = weights;
    }

    public ImmutableArray<Geometry<T>> Geometries { get; }

    public ImmutableArray<ProblemRow> Rows { get; }

    /// <summary>The weights of all rows, by the offsets in <see cref="ProblemRow"/>.</summary>
    public HostBuffer<T> Weights { get; }

    public ReadOnlySpan<T> WeightsA(in ProblemRow row) => Weights.Span(row.WeightsA, row.Rows);

    public ReadOnlySpan<T> WeightsB(in ProblemRow row) => Weights.Span(row.WeightsB, row.Columns);

    /// <summary>Lays out problems one after another; problems on the same geometry object share it.</summary>
    public static ProblemTable<T> Of(IReadOnlyList<TransportProblem<T>> problems)
    {
        long weightCount = 0;
        foreach (TransportProblem<T> problem in problems)
        {
            ArgumentNullException.ThrowIfNull(problem, nameof(problems));
            weightCount += (long)problem.Geometry.Rows + problem.Geometry.Columns;
        }

        HostBuffer<T> weights = new(weightCount);
        ImmutableArray<Geometry<T>>.Builder geometries = ImmutableArray.CreateBuilder<Geometry<T>>();
        Dictionary<Geometry<T>, int> geometryIndices = new(ReferenceEqualityComparer.Instance);
        ImmutableArray<ProblemRow>.Builder rows = ImmutableArray.CreateBuilder<ProblemRow>(problems.Count);
        long offset = 0;
        foreach (TransportProblem<T> problem in problems)
        {
            if (!geometryIndices.TryGetValue(problem.Geometry, out int geometry))
            {
                geometry = geometries.Count;
                geometries.Add(problem.Geometry);
                geometryIndices.Add(problem.Geometry, geometry);
            }

            int n = problem.Geometry.Rows;
            int m = problem.Geometry.Columns;
            CopyOrUniform(problem.A, weights.Span(offset, n));
            CopyOrUniform(problem.B, weights.Span(offset + n, m));
            rows.Add(new ProblemRow
            {
                Geometry = geometry,
                Transposed = 0,
                Rows = n,
                Columns = m,
                WeightsA = offset,
                WeightsB = offset + n,
                PotentialsA = offset,
                PotentialsB = offset + n,
            });
            offset += (long)n + m;
        }

        return new ProblemTable<T>(geometries.DrainToImmutable(), rows.DrainToImmutable(), weights);
    }

    /// <summary>Lays out pairs of histograms on one geometry; a histogram is stored once, however many pairs it is in.</summary>
    public static ProblemTable<T> OfPairs(Geometry<T> geometry, ReadOnlySpan<T> histograms, ReadOnlySpan<(int First, int Second)> pairs)
    {
        int bins = geometry.Rows;
        if (geometry.Columns != bins)
            Throw.ShapeMismatch("A row of the geometry", geometry.Columns, bins, "as many as it has rows: both histograms of a pair have the same bins");
        if (histograms.Length % bins != 0)
            Throw.ShapeMismatch("The histograms", histograms.Length, histograms.Length / bins * (long)bins, $"a multiple of the {bins} bins");
        int count = histograms.Length / bins;
        double[] totals = new double[count];
        for (int k = 0; k < count; k++)
            totals[k] = Validate.Weights($"histograms[{k}]", histograms.Slice(k * bins, bins), bins, "one weight a bin");

        ImmutableArray<ProblemRow>.Builder rows = ImmutableArray.CreateBuilder<ProblemRow>(pairs.Length);
        for (int k = 0; k < pairs.Length; k++)
        {
            (int first, int second) = pairs[k];
            if ((uint)first >= (uint)count || (uint)second >= (uint)count)
                Throw.OutOfRange($"pairs[{k}]", (uint)first >= (uint)count ? first : second, $"0 to {count - 1}");
            Validate.EqualTotals<T>(totals[first], totals[second]);
            rows.Add(new ProblemRow
            {
                Geometry = 0,
                Transposed = 0,
                Rows = bins,
                Columns = bins,
                WeightsA = (long)first * bins,
                WeightsB = (long)second * bins,
                PotentialsA = 2L * k * bins,
                PotentialsB = (2L * k + 1) * bins,
            });
        }

        HostBuffer<T> weights = new(histograms.Length);
        weights.CopyFrom(histograms, 0);
        return new ProblemTable<T>([geometry], rows.DrainToImmutable(), weights);
    }

    /// <summary>Doubles that the potentials of all rows take.</summary>
    public long PotentialCount
    {
        get
        {
            long count = 0;
            foreach (ProblemRow row in Rows)
                count = Math.Max(count, Math.Max(row.PotentialsA + row.Rows, row.PotentialsB + row.Columns));
            return count;
        }
    }

    /// <summary>
    /// Where the coordinates of the points of one side begin, all rows of the table one after another, and behind them how many there are.
    /// </summary>
    public long[] CoordinateOffsets(TransportSide side)
    {
        long[] offsets = new long[Rows.Length + 1];
        for (int row = 0; row < Rows.Length; row++)
        {
            if (Geometries[Rows[row].Geometry] is not PointCloudGeometry<T> points)
            {
                Throw.Unsupported($"Gradients by points are of problems between points; problem {row} has a {Geometries[Rows[row].Geometry].GetType().Name.Split('`')[0]}.");
                return [];
            }

            offsets[row + 1] = offsets[row] + ((long)(side == TransportSide.A ? Rows[row].Rows : Rows[row].Columns) * points.Dimension);
        }

        return offsets;
    }

    /// <summary>Some rows of this table on the same geometries and weights, their potentials laid out anew; must not outlive this one.</summary>
    public ProblemTable<T> Range(int first, int count)
    {
        ImmutableArray<ProblemRow>.Builder rows = ImmutableArray.CreateBuilder<ProblemRow>(count);
        long offset = 0;
        foreach (ProblemRow row in Rows.AsSpan(first, count))
        {
            rows.Add(row with { PotentialsA = offset, PotentialsB = offset + row.Rows });
            offset += (long)row.Rows + row.Columns;
        }

        return new ProblemTable<T>(Geometries, rows.DrainToImmutable(), Weights, ownsWeights: false);
    }

    /// <summary>One row of this table, and its geometry alone; must not outlive this one.</summary>
    public ProblemTable<T> Only(int row)
    {
        ProblemRow problem = Rows[row];
        return new ProblemTable<T>(
            [Geometries[problem.Geometry]], [problem with { Geometry = 0, PotentialsA = 0, PotentialsB = problem.Rows }], Weights, ownsWeights: false);
    }

    public void Dispose()
    {
        if (_ownsWeights)
            Weights.Dispose();
    }

    private static void CopyOrUniform(T[]? weights, Span<T> destination)
    {
        if (weights is null)
            destination.Fill(T.One / T.CreateChecked(destination.Length));
        else
            weights.CopyTo(destination);
    }
}
