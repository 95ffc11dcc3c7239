using System.CommandLine;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot solve</c>: one transport problem between points or on a cost matrix.</summary>
internal sealed class SolveCommand : EngineCommand
{
    private readonly Option<string?> _x = OptionKinds.File("--x", "Points of side a, one a row.");
    private readonly Option<string?> _y = OptionKinds.File("--y", "Points of side b, one a row.");
    private readonly Option<string?> _costMatrix = OptionKinds.File("--cost-matrix", "Costs, a row for each atom of side a; instead of points.");
    private readonly Option<string?> _a = OptionKinds.File("--a", "Weights of side a. Default: uniform, of total one.");
    private readonly Option<string?> _b = OptionKinds.File("--b", "Weights of side b, of the same total. Default: uniform, of total one.");
    private readonly Option<Cost?> _cost = CostWords.Option("between points; default: sqeuclidean.");
    private readonly SolverOptions _solver = new();
    private readonly Option<long?> _repeat = OptionKinds.Repeat();
    private readonly Option<string?> _plan = OptionKinds.File("--plan", "Write the plan: .npy as a matrix, .csv as rows of row, column, mass.");
    private readonly Option<string?> _potentials = OptionKinds.File("--potentials", "Write the potentials f and g, in cost units, to an .npz.");
    private readonly Option<string?> _plot = OptionKinds.File("--plot", "Draw the plan to an .svg: lines between points, a heat map of a matrix; of sinkhorn also the error by sweep.");

    public SolveCommand(CommonOptions common, Terminal terminal)
        : base("solve", "Solve one transport problem.", "ot solve --x x.npy --y y.npy --cost euclidean --plan plan.npy", common, terminal)
    {
        foreach (Option option in (Option[])[_x, _y, _costMatrix, _a, _b, _cost])
            Options.Add(option);
        _solver.AddTo(this);
        foreach (Option option in (Option[])[_repeat, _plan, _potentials, _plot])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        RequirePointsOrMatrix(arguments);
        TransportSolver solver = _solver.Read(arguments, session.IsFloat32);
        Outputs.Prepare(arguments, _plan, ".npy", ".csv");
        Outputs.Prepare(arguments, _potentials, ".npz");
        Outputs.Prepare(arguments, _plot, ".svg");
        return session.Answer(_solver.Method(arguments), report => session.IsFloat32
            ? Solve<float>(arguments, solver, session, report)
            : Solve<double>(arguments, solver, session, report));
    }

    private sealed record Input<T>(Geometry<T> Geometry, T[] X, T[] Y)
        where T : unmanaged, IFloatingPointIeee754<T>;

    private static T[] Points<T>(string path, out int dimension)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(path);
        (_, dimension) = array.AsMatrix();
        return Inputs.Finite<T>(array);
    }

    private static void Describe<T>(TransportResult<T> result, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        report.Headline(result.TransportCost);
        report.Number("transport_cost", "transport cost", result.TransportCost);
        bool isEntropic = result.Epsilon > 0;
        if (isEntropic)
            report.Number("regularized_cost", "regularized cost", result.RegularizedCost);
        report.Number("dual_cost", null, result.DualCost);
        report.Number("lower_bound", "lower bound", result.LowerBound);
        report.Number("upper_bound", "upper bound", result.UpperBound);
        report.Number("relative_gap", "relative gap", result.Certificate.RelativeGap);
        if (!isEntropic)
            report.Number("largest_violation", "largest dual violation", result.Certificate.LargestViolation);
        report.Number("distance", "distance", result.Distance);
        report.Number("mass", "mass", result.Mass);
        report.Number("marginal_error_a", "marginal error a", result.MarginalErrorA);
        report.Number("marginal_error_b", "marginal error b", result.MarginalErrorB);
        report.Count("iterations", isEntropic ? "sweeps" : "pivots", result.Iterations);
        if (isEntropic)
            report.Number("epsilon", "epsilon", result.Epsilon);
        if (result.Advice is { } advice)
            report.Text("advice", "advice", advice);
    }

    private void RequirePointsOrMatrix(ParseResult arguments)
    {
        bool hasMatrix = arguments.GetValue(_costMatrix) is not null;
        bool hasX = arguments.GetValue(_x) is not null;
        bool hasY = arguments.GetValue(_y) is not null;
        if (hasMatrix && (hasX || hasY))
            throw new CommandException($"--cost-matrix stands in place of points; leave out {(hasX ? "--x" : "--y")}, or leave out --cost-matrix");
        if (!hasMatrix && !(hasX && hasY))
            throw new CommandException(hasX || hasY ? $"{(hasX ? "--y" : "--x")} is missing; points need both sides" : "points (--x and --y) or costs (--cost-matrix) are needed");
        if (hasMatrix && arguments.GetValue(_cost) is not null)
            throw new CommandException("--cost measures between points; leave it out with --cost-matrix");
    }

    private SolveStatus Solve<T>(ParseResult arguments, TransportSolver solver, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Input<T> input = arguments.GetValue(_costMatrix) is { } matrix ? ReadMatrix<T>(matrix) : ReadPoints<T>(arguments);
        TransportProblem<T> problem = Inputs.Weighted<T, TransportProblem<T>>(
            arguments.GetValue(_a), arguments.GetValue(_b), input.Geometry.Rows, input.Geometry.Columns, (a, b) => TransportProblem.On(input.Geometry).WithWeights(a, b));
        RequireRoom(arguments, input, solver);
        report.Title($"{_solver.Method(arguments)} transport, {problem.Geometry.Rows} x {problem.Geometry.Columns}, {session.Dtype}");
        session.OpenFor(solver, WithMass(problem.WeightsA.Span, problem.Geometry.Rows), WithMass(problem.WeightsB.Span, problem.Geometry.Columns));
        (TransportResult<T> result, double milliseconds) = Session.Time(
            arguments.GetValue(_repeat), () => session.Engine.Solve(problem, solver, session.Progress, session.Token));
        using (result)
        {
            Describe(result, report);
            report.SolveTime(milliseconds);
            Write(arguments, result, report);
            if (arguments.GetValue(_plot) is { } plot)
            {
                OutputFile.WriteText(plot, Draw(input, problem, solver, result, session));
                report.Text("plot", "picture", plot);
            }

            return result.Status;
        }
    }

    private static int WithMass<T>(ReadOnlySpan<T> weights, int atoms)
        where T : unmanaged, IFloatingPointIeee754<T> => atoms - weights.Count(T.Zero);

    // What cannot be written is refused before a long solve.
    private void RequireRoom<T>(ParseResult arguments, Input<T> input, TransportSolver solver)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int columns) = (input.Geometry.Rows, input.Geometry.Columns);
        long pairs = (long)rows * columns;
        if (arguments.GetValue(_plot) is not null && input.X.Length == 0)
            PlanPicture.RequireDrawable(rows, columns);
        if (arguments.GetValue(_plan) is not { } plan)
            return;
        if (!PlanFile.IsTable(plan) && pairs > Array.MaxLength)
            throw new CommandException(ExitCode.DeviceOrMemory, $"--plan: a matrix of {rows} x {columns} is too large{(solver is Sinkhorn ? "" : "; write a .csv of its entries")}");
        if (PlanFile.IsTable(plan) && solver is Sinkhorn && pairs > PlanFile.MostTableRows)
            throw new CommandException(ExitCode.DeviceOrMemory, $"--plan: an entropic plan has mass between almost all of {rows} x {columns} pairs, too many for a .csv; write an .npy");
    }

    private static string Draw<T>(Input<T> input, TransportProblem<T> problem, TransportSolver solver, TransportResult<T> result, Session session)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        string plan = input.X.Length > 0 ? PlanPicture.Lines(problem, input.X, input.Y, result) : PlanPicture.HeatMap(problem, result);
        if (solver is not Sinkhorn sinkhorn)
            return plan;

        // Recording interrupts the sweeps, so the answer and its time are those of a solve that does not.
        using TransportResult<T> recorded = session.Engine.Solve(problem, sinkhorn with { RecordHistory = true }, session.Progress, session.Token);
        return SvgStack.SideBySide(plan, ConvergencePicture.Draw(recorded, sinkhorn.Tolerance!.Value));
    }

    private void Write<T>(ParseResult arguments, TransportResult<T> result, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (arguments.GetValue(_plan) is { } plan)
        {
            PlanFile.Write(result.Plan, plan);
            report.Text("plan", "plan", plan);
        }

        if (arguments.GetValue(_potentials) is { } potentials)
        {
            PlanFile.Write(result.Potentials, potentials);
            report.Text("potentials", "potentials", potentials);
        }
    }

    private static Input<T> ReadMatrix<T>(string path)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(path);
        (int rows, int columns) = array.AsMatrix();
        return new Input<T>(new DenseGeometry<T>(Inputs.Finite<T>(array), rows, columns), [], []);
    }

    private Input<T> ReadPoints<T>(ParseResult arguments)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        string x = arguments.GetValue(_x)!;
        string y = arguments.GetValue(_y)!;
        T[] sources = Points<T>(x, out int dimension);
        T[] sinks = Points<T>(y, out int otherDimension);
        if (otherDimension != dimension)
            throw new InputFileException(y, $"has points of {otherDimension} coordinates, but those of {x} have {dimension}; both clouds need as many");
        try
        {
            return new Input<T>(new PointCloudGeometry<T>(sources, sinks, dimension, arguments.GetValue(_cost) ?? Cost.SquaredEuclidean), sources, sinks);
        }
        catch (ProblemException e)
        {
            throw new CommandException($"x = {x}, y = {y}: {e.Message}");
        }
    }
}
