using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot assign</c>: matches rows with columns of a cost matrix.</summary>
internal sealed class AssignCommand : EngineCommand
{
    private readonly Option<string?> _costMatrix = OptionKinds.File("--cost-matrix", "Costs; inf forbids a pair (-inf with --maximize).");
    private readonly Option<bool> _maximize = new("--maximize") { Description = "Look for the largest total instead of the least." };
    private readonly Option<string?> _out = OptionKinds.File("--out", "Write the pairs to a .csv: row, column, both from 0, cost.");
    private readonly Option<long?> _repeat = OptionKinds.Repeat();

    public AssignCommand(CommonOptions common, Terminal terminal)
        : base("assign", "Match each row of a cost matrix with its own column at the least total cost.", "ot assign --cost-matrix costs.csv --out pairs.csv", common, terminal)
    {
        foreach (Option option in (Option[])[_costMatrix, _maximize, _out, _repeat])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_costMatrix) is null)
            throw new CommandException("--cost-matrix is missing; name a file of costs");
        Outputs.Prepare(arguments, _out, ".csv");
        return session.Answer("assignment", report => session.IsFloat32
            ? Solve<float>(arguments, session, report)
            : Solve<double>(arguments, session, report));
    }

    private static void WritePairs(AssignmentResult result, NumericArray costs, string path)
    {
        (_, int columns) = costs.AsMatrix();
        ReadOnlySpan<int> rows = result.RowIndices.Span;
        double[] table = new double[3 * rows.Length];
        for (int k = 0; k < rows.Length; k++)
        {
            int column = result.ColumnIndices.Span[k];
            (table[3 * k], table[(3 * k) + 1], table[(3 * k) + 2]) = (rows[k], column, costs.Values[(rows[k] * columns) + column]);
        }

        CsvWriter.Write<double>(path, table, 3, ["row", "column", "cost"]);
    }

    private SolveStatus Solve<T>(ParseResult arguments, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(arguments.GetValue(_costMatrix)!);
        (int rows, int columns) = array.AsMatrix();
        Tensor<T> costs = Tensor.Create(Inputs.InRange<T>(array), [rows, columns]);
        Assignment options = new() { Maximize = arguments.GetValue(_maximize) };
        report.Title(string.Create(CultureInfo.InvariantCulture, $"assignment, {rows} x {columns}, {session.Dtype}"));
        (AssignmentResult result, double milliseconds) = Session.Time(arguments.GetValue(_repeat), () => Assign(session, costs, options, array.Name));
        report.Headline(result.TotalCost);
        report.Number("transport_cost", "total cost", result.TotalCost);
        report.Number("dual_cost", "dual cost", result.DualCost);
        report.Number("relative_gap", "relative gap", result.Certificate.RelativeGap);
        report.Number("largest_violation", "largest dual violation", result.Certificate.LargestViolation);
        report.Count("pairs", "pairs", result.RowIndices.Length);
        report.Count("iterations", "rows scanned", result.Iterations);
        report.SolveTime(milliseconds);
        if (arguments.GetValue(_out) is { } output)
        {
            WritePairs(result, array, output);
            report.Text("out", "pairs", output);
        }

        return result.Status;
    }

    private static AssignmentResult Assign<T>(Session session, Tensor<T> costs, Assignment options, string name)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        try
        {
            return session.Engine.Assign(costs, options, session.Progress, session.Token);
        }
        catch (ProblemException e)
        {
            throw new InputFileException(name, e.Message, e);
        }
    }
}
