using System.CommandLine;
using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot line</c>: transport in one dimension, on the line or on a circle.</summary>
internal sealed class LineCommand : EngineCommand
{
    private readonly Option<string?> _x = OptionKinds.File("--x", "Positions of side a.");
    private readonly Option<string?> _y = OptionKinds.File("--y", "Positions of side b.");
    private readonly Option<string?> _a = OptionKinds.File("--a", "Weights of side a. Default: uniform, of total one.");
    private readonly Option<string?> _b = OptionKinds.File("--b", "Weights of side b, of the same total. Default: uniform, of total one.");
    private readonly Option<double?> _p = OptionKinds.Number("--p", "The cost is the P-th power of the distance. Default: 2.", p => p >= 1, "a number of at least 1");
    private readonly Option<bool> _periodic = new("--periodic") { Description = "Positions lie on the circle of length 1; distances are arcs." };
    private readonly Option<long?> _repeat = OptionKinds.Repeat();

    public LineCommand(CommonOptions common, Terminal terminal)
        : base("line", "Solve transport in one dimension; transport_cost is W_p^p times the mass.", "ot line --x x.csv --y y.csv --p 1", common, terminal)
    {
        foreach (Option option in (Option[])[_x, _y, _a, _b, _p, _periodic, _repeat])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_x) is null || arguments.GetValue(_y) is null)
            throw new CommandException($"{(arguments.GetValue(_x) is null ? "--x" : "--y")} is missing; name a file of positions");
        return session.Answer("line", report => session.IsFloat32
            ? Solve<float>(arguments, session, report)
            : Solve<double>(arguments, session, report));
    }

    private static T[] Positions<T>(string path)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(path);
        _ = array.AsVector();
        return Inputs.Finite<T>(array);
    }

    private SolveStatus Solve<T>(ParseResult arguments, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] x = Positions<T>(arguments.GetValue(_x)!);
        T[] y = Positions<T>(arguments.GetValue(_y)!);
        double p = arguments.GetValue(_p) ?? 2;
        LineProblem<T> problem = Inputs.Weighted<T, LineProblem<T>>(
            arguments.GetValue(_a), arguments.GetValue(_b), x.Length, y.Length, (a, b) => LineProblem.Between<T>(x, y, p).WithWeights(a, b));
        bool isPeriodic = arguments.GetValue(_periodic);
        if (isPeriodic)
            problem = problem.OnCircle(1);
        report.Title($"transport on the {(isPeriodic ? "circle" : "line")}, {x.Length} to {y.Length} points, {session.Dtype}");
        (LineResult<T> result, double milliseconds) = Session.Time(arguments.GetValue(_repeat), () => session.Engine.Solve(problem, session.Token));
        report.Headline(result.TransportCost);
        report.Number("transport_cost", "transport cost", result.TransportCost);
        report.Number("distance", "distance", result.Distance);
        report.Number("mass", "mass", result.Mass);
        report.Number("p", "p", p);
        report.SolveTime(milliseconds);
        return result.Status;
    }
}
