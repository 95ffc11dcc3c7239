using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot sliced</c>: the sliced distance of two clouds.</summary>
internal sealed class SlicedCommand : EngineCommand
{
    private readonly Option<string?> _x = OptionKinds.File("--x", "Points of side a, one a row.");
    private readonly Option<string?> _y = OptionKinds.File("--y", "Points of side b, one a row.");
    private readonly Option<string?> _a = OptionKinds.File("--a", "Weights of side a. Default: uniform, of total one.");
    private readonly Option<string?> _b = OptionKinds.File("--b", "Weights of side b, of the same total. Default: uniform, of total one.");
    private readonly Option<double?> _p = OptionKinds.Number("--p", "The cost is the P-th power of the distance along a line. Default: 2.", p => p >= 1, "a number of at least 1");
    private readonly Option<long?> _projections = OptionKinds.Integer("--projections", "Draw so many directions, by --seed. Default: 50.", 1, 1 << 24);
    private readonly Option<string?> _directions = OptionKinds.File("--directions", "Take these directions instead: one a row, of length one.");
    private readonly Option<bool> _max = new("--max") { Description = "The largest distance along a line instead of the mean." };
    private readonly Option<string?> _gradient = OptionKinds.File("--gradient", "Write the gradient of the cost by the points of side a (.npy).");
    private readonly Option<string?> _plot = OptionKinds.File("--plot", "Draw the distances along the lines, in ascending order (.svg).");
    private readonly Option<long?> _repeat = OptionKinds.Repeat();

    public SlicedCommand(CommonOptions common, Terminal terminal)
        : base("sliced", "Compare two clouds along many lines; distance is the root of the mean cost.", "ot sliced --x x.npy --y y.npy --projections 200", common, terminal)
    {
        foreach (Option option in (Option[])[_x, _y, _a, _b, _p, _projections, _directions, _max, _gradient, _plot, _repeat])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_x) is null || arguments.GetValue(_y) is null)
            throw new CommandException($"{(arguments.GetValue(_x) is null ? "--x" : "--y")} is missing; name a file of points");
        if (arguments.GetValue(_projections) is not null && arguments.GetValue(_directions) is not null)
            throw new CommandException("--projections draws directions and --directions gives them; use one of the two");
        Outputs.Prepare(arguments, _gradient, ".npy");
        Outputs.Prepare(arguments, _plot, ".svg");
        return session.Answer("sliced", report => session.IsFloat32
            ? Solve<float>(arguments, session, report)
            : Solve<double>(arguments, session, report));
    }

    private static T[] Points<T>(string path, out int dimension)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(path);
        (_, dimension) = array.AsMatrix();
        return Inputs.Finite<T>(array);
    }

    private SolveStatus Solve<T>(ParseResult arguments, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        string y = arguments.GetValue(_y)!;
        T[] first = Points<T>(arguments.GetValue(_x)!, out int dimension);
        T[] second = Points<T>(y, out int otherDimension);
        if (otherDimension != dimension)
            throw new InputFileException(y, $"has points of {otherDimension} coordinates, but those of {arguments.GetValue(_x)} have {dimension}; both clouds need as many");
        Sliced solver = Solver(arguments, session, dimension);
        PointCloudGeometry<T> points = new(first, second, dimension, Cost.SquaredEuclidean);
        TransportProblem<T> problem = Inputs.Weighted<T, TransportProblem<T>>(
            arguments.GetValue(_a), arguments.GetValue(_b), points.Rows, points.Columns, (a, b) => TransportProblem.On(points).WithWeights(a, b));
        (SlicedResult<T> result, double milliseconds) = Session.Time(arguments.GetValue(_repeat), () => session.Engine.SolveSliced(problem, solver, session.Token));
        report.Title($"{(solver.Max ? "largest " : "")}sliced distance, {points.Rows} to {points.Columns} points of {dimension} coordinates, {session.Dtype}");
        report.Headline(result.Distance);
        report.Number("distance", "distance", result.Distance);
        report.Number("transport_cost", "transport cost", result.Cost);
        report.Number("p", "p", solver.Order);
        report.Count("projections", "directions", result.Costs.Length);
        report.SolveTime(milliseconds);
        if (arguments.GetValue(_gradient) is { } gradient)
            NpyWriter.Write<double>(gradient, result.GradientX.Span, [points.Rows, dimension]);
        if (arguments.GetValue(_plot) is { } plot)
            OutputFile.WriteText(plot, Draw(result, solver));
        return result.Status;
    }

    private Sliced Solver(ParseResult arguments, Session session, int dimension)
    {
        Sliced solver = new()
        {
            Order = arguments.GetValue(_p) ?? 2,
            Projections = (int)(arguments.GetValue(_projections) ?? 50),
            Seed = session.Seed,
            Max = arguments.GetValue(_max),
            Gradient = arguments.GetValue(_gradient) is not null,
        };
        if (arguments.GetValue(_directions) is not { } path)
            return solver;
        NumericArray array = NumericFile.Read(path);

        // A vector of d numbers is one direction, where points have d coordinates.
        int columns = array.Rank == 1 && array.Values.Length == dimension ? dimension : array.AsMatrix().Columns;
        if (columns != dimension)
            throw new InputFileException(path, $"has directions of {columns} coordinates, but the points have {dimension}; both need as many");
        double[] values = Inputs.Finite<double>(array);
        for (int l = 0; l < values.Length; l += dimension)
        {
            double length = Math.Sqrt(values.AsSpan(l, dimension).ToArray().Sum(value => value * value));
            if (!(Math.Abs(length - 1) <= 1e-5))
                throw new InputFileException(path, string.Create(CultureInfo.InvariantCulture, $"row {l / dimension} has length {length:R}; directions have length one"));
        }

        return solver with { Directions = values };
    }

    private static string Draw<T>(SlicedResult<T> result, Sliced solver)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] distances = [.. result.Costs.ToArray().Select(cost => Math.Pow(cost, 1 / solver.Order)).Order()];
        double[] ranks = [.. Enumerable.Range(1, distances.Length).Select(k => (double)k)];
        return new LineChart
        {
            Title = "Distances along lines",
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{distances.Length:N0} directions, p {solver.Order:G4}"),
            NameX = "direction, by distance",
            NameY = "distance",
        }.Draw(
        [
            new LineSeries("along a direction", ranks, distances),
            new LineSeries(solver.Max ? "largest" : "root of the mean", [ranks[0], ranks[^1]], [result.Distance, result.Distance]),
        ]);
    }
}
