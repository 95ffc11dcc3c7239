using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli;

/// <summary>Draws a transport plan: as lines between points, or as a heat map where the problem is a matrix.</summary>
internal static class PlanPicture
{
    private const long LargestHeatMap = 1L << 26;
    private const long MostLines = 1L << 22;

    /// <summary>Draws lines between the points of the two sides.</summary>
    /// <param name="problem">The problem, on points.</param>
    /// <param name="x">Points of side a, row-major.</param>
    /// <param name="y">Points of side b.</param>
    /// <param name="result">Its answer.</param>
    public static string Lines<T>(TransportProblem<T> problem, T[] x, T[] y, TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int dimension = x.Length / problem.Geometry.Rows;
        HeaviestEdges edges = new();

        // An entropic plan has an entry for every pair; those that are left out of a large one are too light to be seen.
        bool isLarge = (long)result.Plan.Rows * result.Plan.Columns > MostLines;
        foreach (PlanEntry entry in result.Plan.ToSparse(isLarge && result.Epsilon > 0 ? result.Mass / MostLines : 0))
            edges.Add(entry.Row, entry.Column, entry.Mass);
        return new PlanLinesPlot { Subtitle = Subtitle(result) }.Draw(
            new PlotPoints("source", Doubles(x), dimension, Weights(problem.WeightsA, problem.Geometry.Rows)),
            new PlotPoints("target", Doubles(y), dimension, Weights(problem.WeightsB, problem.Geometry.Columns)),
            edges);
    }

    /// <summary>Draws the plan as a matrix of colours.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="result">Its answer.</param>
    public static string HeatMap<T>(TransportProblem<T> problem, TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        HeatMap(result.Plan, problem.WeightsA, problem.WeightsB, Subtitle(result));

    /// <summary>Draws a plan as a matrix of colours.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="a">Weights of its rows; empty means uniform.</param>
    /// <param name="b">Weights of its columns.</param>
    /// <param name="subtitle">The figures beside it.</param>
    public static string HeatMap<T>(TransportPlan<T> plan, ReadOnlyMemory<T> a, ReadOnlyMemory<T> b, string subtitle)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] matrix = Doubles<T>(PlanFile.Dense(plan));
        return new HeatMapPlot { Subtitle = subtitle }.Draw(matrix, plan.Rows, plan.Columns, Weights(a, plan.Rows), Weights(b, plan.Columns));
    }

    /// <summary>Checks that a heat map of this size can be drawn.</summary>
    /// <exception cref="CommandException">It is too large.</exception>
    public static void RequireDrawable(int rows, int columns)
    {
        if ((long)rows * columns > LargestHeatMap)
            throw new CommandException($"--plot draws plans of at most {LargestHeatMap} entries as heat maps, not of {rows} x {columns}; leave it out");
    }

    private static string Subtitle<T>(TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        string.Create(CultureInfo.InvariantCulture, $"transport cost {result.TransportCost:G6}, {result.Plan.Rows:N0} x {result.Plan.Columns:N0}");

    private static double[] Doubles<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] doubles = new double[values.Length];
        TensorPrimitives.ConvertChecked(values, doubles);
        return doubles;
    }

    private static double[] Weights<T>(ReadOnlyMemory<T> weights, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!weights.IsEmpty)
            return Doubles(weights.Span);
        double[] uniform = new double[count];
        Array.Fill(uniform, 1.0 / count);
        return uniform;
    }
}
