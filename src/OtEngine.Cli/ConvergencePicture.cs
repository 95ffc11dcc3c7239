using System.Globalization;
using System.Numerics;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli;

/// <summary>Draws how an entropic solve converged: the error of a marginal by sweep, with the stages of epsilon.</summary>
internal static class ConvergencePicture
{
    private const int MostPoints = 2000;

    // Potentials of one stage may be far off in the next, for one sweep; no two measures of one mass differ by more.
    private const double LargestError = 2;

    /// <summary>Draws the picture.</summary>
    /// <param name="result">An answer with its history.</param>
    /// <param name="tolerance">The error, over the mass, that counted as converged; 0 draws no line for it.</param>
    /// <returns>An SVG file's text.</returns>
    public static string Draw<T>(TransportResult<T> result, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        IReadOnlyList<ConvergencePoint> history = result.History;
        List<ChartMark> stages = [];
        for (int k = 0; k < history.Count; k++)
        {
            if (k == 0 || history[k].Epsilon != history[k - 1].Epsilon)
                stages.Add(new ChartMark(1 + history[k].Iteration, string.Create(CultureInfo.InvariantCulture, $"{history[k].Epsilon:G3}")));
        }

        // Sweeps count from one, so that the short first stages can be seen on a logarithmic axis. The last point is what was measured on the answer itself.
        int step = (history.Count / MostPoints) + 1;
        ConvergencePoint[] shown =
        [
            .. history.Where((_, k) => k % step == 0),
            new ConvergencePoint(result.Iterations, result.Epsilon, result.MarginalErrorA),
        ];
        double[] sweeps = [.. shown.Select(point => 1.0 + point.Iteration)];
        List<LineSeries> series = [new LineSeries("error of the rows", sweeps, [.. shown.Select(point => Math.Min(point.MarginalErrorA / result.Mass, LargestError))])];
        if (tolerance > 0)
            series.Add(new LineSeries("tolerance", [sweeps[0], sweeps[^1]], [tolerance, tolerance]));
        return new LineChart
        {
            Title = "Convergence",
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{result.Iterations:N0} sweeps, {Words(result.Status)} at epsilon {result.Epsilon:G4}"),
            NameX = "sweep",
            NameY = "L1 error over the mass, at most 2",
            IsLogarithmicX = true,
            IsLogarithmicY = true,
            Marks = stages,
            MarkName = "epsilon",
        }.Draw(series);
    }

    private static string Words(SolveStatus status) => status switch
    {
        SolveStatus.Converged => "converged",
        SolveStatus.MaxIterations => "not converged",
        SolveStatus.Stalled => "stalled",
        _ => "failed",
    };
}
