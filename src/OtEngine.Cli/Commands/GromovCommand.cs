using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot gromov</c>: Gromov-Wasserstein between two matrices of inner costs, plain or fused with costs between the sides.</summary>
internal sealed class GromovCommand : EngineCommand
{
    private const string Entropic = "entropic";
    private const string PositiveNumber = "a number above 0 (at least 2.3e-308)";

    private readonly Option<string?> _cx = OptionKinds.File("--cx", "Inner costs of side a, n x n.");
    private readonly Option<string?> _cy = OptionKinds.File("--cy", "Inner costs of side b, m x m.");
    private readonly Option<string?> _p = OptionKinds.File("--p", "Weights of side a. Default: uniform, of total one.");
    private readonly Option<string?> _q = OptionKinds.File("--q", "Weights of side b, of the same total. Default: uniform, of total one.");
    private readonly Option<string?> _features = OptionKinds.File("--features", "Costs between the sides, n x m: fused Gromov-Wasserstein.");
    private readonly Option<double?> _alpha = OptionKinds.Number(
        "--alpha", "Share of the inner costs where there are features; 1 leaves them out. Default: 0.5.", alpha => alpha is >= 0 and <= 1, "a number from 0 to 1");

    private readonly Option<GromovLoss> _loss = OptionKinds.Word(
        "--loss", "Loss between inner costs.", "square|kl", GromovLoss.Square, text => text switch
        {
            "square" => (GromovLoss.Square, null),
            "kl" => (GromovLoss.KullbackLeibler, null),
            _ => (GromovLoss.Square, "square or kl is needed"),
        });

    private readonly Option<string> _method = OptionKinds.Word("--method", "Projected gradient with entropy.", Entropic, Entropic, text =>
        (text, text == Entropic ? null : $"this build has the method {Entropic} here"));

    private readonly Option<double?> _epsilon = OptionKinds.Number("--epsilon", "Regularisation, in the units of the gradient.", IsNormal, PositiveNumber);
    private readonly Option<double?> _epsilonRelative = OptionKinds.Number(
        "--epsilon-relative", "Regularisation as a multiple of the mean gradient at the product of the weights. Default: 0.05.", IsNormal, PositiveNumber);

    private readonly Option<double?> _tolerance = OptionKinds.Number(
        "--tolerance",
        "L1 error of each marginal, and L1 move of the plan by the last step, over the mass, that count as converged; 0 runs all steps of plain sweeps. Default: 1e-6, of float32 1e-4.",
        tolerance => tolerance >= 0 && tolerance < 1,
        "a number of at least 0 and below 1");

    private readonly Option<long?> _maxIterations = OptionKinds.Integer("--max-iterations", "Most sweeps over all steps. Default: 10000.", 1, long.MaxValue);
    private readonly Option<long?> _maxSteps = OptionKinds.Integer("--max-steps", "Most steps, each one gradient. Default: 1000.", 1, int.MaxValue);
    private readonly Option<long?> _repeat = OptionKinds.Repeat();
    private readonly Option<string?> _plan = OptionKinds.File("--plan", "Write the plan: .npy as a matrix, .csv as rows of row, column, mass.");
    private readonly Option<string?> _potentials = OptionKinds.File("--potentials", "Write the potentials f and g of the last step to an .npz.");
    private readonly Option<string?> _plot = OptionKinds.File("--plot", "Draw the plan to an .svg, as a heat map.");

    public GromovCommand(CommonOptions common, Terminal terminal)
        : base("gromov", "Match two spaces by their inner costs (Gromov-Wasserstein).", "ot gromov --cx cx.npy --cy cy.npy --epsilon 0.01 --plan plan.npy", common, terminal)
    {
        foreach (Option option in (Option[])[_cx, _cy, _p, _q, _features, _alpha, _loss, _method, _epsilon, _epsilonRelative, _tolerance, _maxIterations, _maxSteps])
            Options.Add(option);
        foreach (Option option in (Option[])[_repeat, _plan, _potentials, _plot])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_cx) is null || arguments.GetValue(_cy) is null)
            throw new CommandException($"{(arguments.GetValue(_cx) is null ? "--cx" : "--cy")} is missing; name a file of inner costs");
        if (arguments.GetValue(_alpha) is not null && arguments.GetValue(_features) is null)
            throw new CommandException("--alpha weighs inner costs against --features, which is missing; add it, or leave --alpha out");
        if (arguments.GetValue(_epsilon) is not null && arguments.GetValue(_epsilonRelative) is not null)
            throw new CommandException("--epsilon and --epsilon-relative both give the regularisation; leave one out");
        Outputs.Prepare(arguments, _plan, ".npy", ".csv");
        Outputs.Prepare(arguments, _potentials, ".npz");
        Outputs.Prepare(arguments, _plot, ".svg");
        return session.Answer(Entropic, report => session.IsFloat32
            ? Solve<float>(arguments, session, report)
            : Solve<double>(arguments, session, report));
    }

    private static bool IsNormal(double value) => double.IsNormal(value) && value > 0;

    private static DenseGeometry<T> Matrix<T>(string path)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(path);
        (int rows, int columns) = array.AsMatrix();
        return new DenseGeometry<T>(Inputs.Finite<T>(array), rows, columns);
    }

    private static DenseGeometry<T> Inner<T>(string path)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> matrix = Matrix<T>(path);
        return matrix.Rows == matrix.Columns ? matrix
            : throw new InputFileException(path, $"is {matrix.Rows} x {matrix.Columns}; inner costs are between the atoms of one side, so a square matrix is needed");
    }

    private static void Describe<T>(GromovResult<T> result, bool fused, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        report.Headline(result.Value);
        report.Number("gromov_cost", "Gromov cost", result.GromovCost);
        if (fused)
        {
            report.Number("feature_cost", "feature cost", result.FeatureCost);
            report.Number("fused_cost", "fused cost", result.Value);
        }

        report.Number("regularized_cost", "regularized cost", result.RegularizedCost);
        report.Number("mass", "mass", result.Mass);
        report.Number("marginal_error_a", "marginal error a", result.MarginalErrorA);
        report.Number("marginal_error_b", "marginal error b", result.MarginalErrorB);
        report.Number("moved", "moved by the last step", result.Moved);
        report.Count("steps", "steps", result.Steps);
        report.Count("iterations", "sweeps", result.Iterations);
        report.Number("epsilon", "epsilon", result.Epsilon);
        if (result.Advice is { } advice)
            report.Text("advice", "advice", advice);
    }

    private GromovWasserstein Solver(ParseResult arguments)
    {
        GromovWasserstein preset = new();
        return preset with
        {
            Loss = arguments.GetValue(_loss),
            Epsilon = arguments.GetValue(_epsilon),
            EpsilonRelative = arguments.GetValue(_epsilonRelative) ?? preset.EpsilonRelative,
            Tolerance = arguments.GetValue(_tolerance),
            MaxIterations = arguments.GetValue(_maxIterations) ?? preset.MaxIterations,
            MaxSteps = (int)(arguments.GetValue(_maxSteps) ?? preset.MaxSteps),
        };
    }

    private SolveStatus Solve<T>(ParseResult arguments, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> cx = Inner<T>(arguments.GetValue(_cx)!);
        DenseGeometry<T> cy = Inner<T>(arguments.GetValue(_cy)!);
        GromovProblem<T> problem = Inputs.Weighted<T, GromovProblem<T>>(
            arguments.GetValue(_p), arguments.GetValue(_q), cx.Rows, cy.Rows, (a, b) => GromovProblem.On(cx, cy).WithWeights(a, b), _p.Name, _q.Name);
        if (arguments.GetValue(_features) is { } path)
            problem = Fused(problem, path, arguments.GetValue(_alpha) ?? 0.5);
        RequireRoom(arguments, cx.Rows, cy.Rows);
        GromovWasserstein solver = Solver(arguments);
        bool fused = problem.Features is not null;
        report.Title($"{(fused ? "fused " : "")}Gromov-Wasserstein, {cx.Rows} x {cy.Rows}, {session.Dtype}");
        (GromovResult<T> result, double milliseconds) = Session.Time(
            arguments.GetValue(_repeat), () => session.Engine.Solve(problem, solver, session.Progress, session.Token));
        using (result)
        {
            Describe(result, fused, report);
            report.SolveTime(milliseconds);
            Write(arguments, problem, result, report);
            return result.Status;
        }
    }

    private static GromovProblem<T> Fused<T>(GromovProblem<T> problem, string path, double alpha)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> features = Matrix<T>(path);
        if (features.Rows != problem.InnerA.Rows || features.Columns != problem.InnerB.Rows)
            throw new InputFileException(path, $"is {features.Rows} x {features.Columns}; {problem.InnerA.Rows} x {problem.InnerB.Rows} is needed, a row of costs for each atom of side a");
        return problem.Fused(features, alpha);
    }

    // What cannot be written is refused before a long solve.
    private void RequireRoom(ParseResult arguments, int rows, int columns)
    {
        if (arguments.GetValue(_plot) is not null)
            PlanPicture.RequireDrawable(rows, columns);
        if (arguments.GetValue(_plan) is { } plan && PlanFile.IsTable(plan) && (long)rows * columns > PlanFile.MostTableRows)
            throw new CommandException(ExitCode.DeviceOrMemory, $"--plan: an entropic plan has mass between almost all of {rows} x {columns} pairs, too many for a .csv; write an .npy");
    }

    private void Write<T>(ParseResult arguments, GromovProblem<T> problem, GromovResult<T> result, Report report)
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

        if (arguments.GetValue(_plot) is { } plot)
        {
            string subtitle = string.Create(CultureInfo.InvariantCulture, $"Gromov cost {result.GromovCost:G6}, {result.Plan.Rows:N0} x {result.Plan.Columns:N0}");
            OutputFile.WriteText(plot, PlanPicture.HeatMap(result.Plan, problem.WeightsA, problem.WeightsB, subtitle));
            report.Text("plot", "picture", plot);
        }
    }
}
