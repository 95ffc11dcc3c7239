using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Pairwise;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot pairwise</c>: the transport costs between all pairs of histograms.</summary>
internal sealed class PairwiseCommand : EngineCommand
{
    private readonly Option<string?> _histograms = OptionKinds.File("--histograms", "Histograms, one a row; each is scaled to mass one.");
    private readonly Option<string?> _costMatrix = OptionKinds.File("--cost-matrix", "Costs between bins, square.");
    private readonly Option<string?> _grid = OptionKinds.Word<string?>("--grid", "Bins are the pixels of a regular grid, row by row; coordinates in pixels.", "8x8", null, text =>
        GridCosts.Parse(text) is not null ? (text, null) : (null, "lengths such as 8x8 are needed, of at most 1048576 pixels"));

    private readonly Option<Cost?> _cost = CostWords.Option("between the pixels of --grid; default: sqeuclidean.");
    private readonly SolverOptions _solver = new();
    private readonly Option<string?> _out = OptionKinds.File("--out", "Write the k x k matrix to an .npy, row by row; an unfinished one is continued.");
    private readonly Option<bool> _distance = new("--distance") { Description = "Entries are distances, roots of the transport costs; for costs that are powers of a metric." };
    private readonly Option<string?> _labels = OptionKinds.File("--labels", "A label for each histogram; prints the nearest-neighbour accuracy.");
    private readonly Option<string?> _labelColumn = OptionKinds.Word<string?>("--label-column", "Column of the histogram file that holds labels instead of masses, from 0, or last.", "k|last", null, text =>
        text == "last" || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? (text, null) : (text, "a column from 0, or last, is needed"));

    private readonly Option<long?> _neighbours = OptionKinds.Integer("--neighbours", "Nearest neighbours that vote on a label. Default: 3.", 1, int.MaxValue);
    private readonly Option<long?> _limit = OptionKinds.Integer("--limit", "Take the first so many histograms only.", 1, int.MaxValue);
    private readonly Option<string?> _plot = OptionKinds.File("--plot", "Draw the matrix, and on a grid some histograms beside their nearest neighbours, to an .svg.");

    public PairwiseCommand(CommonOptions common, Terminal terminal)
        : base(
            "pairwise",
            "Transport costs between all pairs of histograms: entry [i, j] is the least cost of moving row i, scaled to mass one, to row j.",
            "ot pairwise --histograms digits.csv --label-column last --grid 8x8 --out digits.npy",
            common,
            terminal)
    {
        foreach (Option option in (Option[])[_histograms, _costMatrix, _grid, _cost])
            Options.Add(option);
        _solver.AddTo(this);
        foreach (Option option in (Option[])[_out, _distance, _labels, _labelColumn, _neighbours, _limit, _plot])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_histograms) is null)
            throw new CommandException("--histograms is missing; name a file of one histogram a row");
        bool hasMatrix = arguments.GetValue(_costMatrix) is not null;
        if (hasMatrix == arguments.GetValue(_grid) is not null)
            throw new CommandException(hasMatrix ? "--cost-matrix and --grid both give costs; leave one out" : "costs are missing; give --cost-matrix, or --grid such as 8x8");
        if (hasMatrix && arguments.GetValue(_cost) is not null)
            throw new CommandException("--cost measures between the pixels of --grid; leave it out with --cost-matrix");
        if (hasMatrix && arguments.GetValue(_distance))
            throw new CommandException("--distance needs a cost that is a power of a metric; of a --cost-matrix that is not known, so leave it out");
        if (arguments.GetValue(_cost) is { MetricPower: null })
            throw new CommandException("--cost must be a power of a norm with exponent 1 or more on a grid");
        if (arguments.GetValue(_labels) is not null && arguments.GetValue(_labelColumn) is not null)
            throw new CommandException("--labels and --label-column both give labels; leave one out");
        TransportSolver solver = _solver.Read(arguments, session.IsFloat32);
        Outputs.Prepare(arguments, _out, ".npy");
        Outputs.Prepare(arguments, _plot, ".svg");
        return session.Answer(_solver.Method(arguments), report => session.IsFloat32
            ? Solve<float>(arguments, solver, session, report)
            : Solve<double>(arguments, solver, session, report));
    }

    private int[]? Grid(ParseResult arguments) => arguments.GetValue(_grid) is { } text ? GridCosts.Parse(text) : null;

    // A label for each row of the file, or for each of those that --limit leaves.
    private static double[] ReadLabels(string path, int rows, int count)
    {
        NumericArray array = NumericFile.Read(path);
        int labels = array.AsVector().Length;
        if (labels != rows && labels != count)
            throw new InputFileException(path, $"holds {labels} labels; {rows} are needed, one a histogram");
        return Inputs.Finite<double>(array)[..count];
    }

    private SolveStatus Solve<T>(ParseResult arguments, TransportSolver solver, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        HistogramTable<T> histograms = ReadHistograms<T>(arguments);
        string name = arguments.GetValue(_histograms)!;
        BinCosts<T> costs = arguments.GetValue(_costMatrix) is { } path
            ? BinCosts<T>.OfFile(path, histograms.Bins, name)
            : BinCosts<T>.OfGrid(Grid(arguments)!, arguments.GetValue(_cost) ?? Cost.SquaredEuclidean, solver is Sinkhorn, histograms.Bins, name);
        if ((long)histograms.Count * histograms.Count > Array.MaxLength)
            throw new CommandException(ExitCode.DeviceOrMemory, $"{histograms.Count} histograms would need {(long)histograms.Count * histograms.Count} entries, more than {Array.MaxLength}; take fewer with --limit");

        if (solver is Sinkhorn { Epsilon: null } sinkhorn)
            solver = sinkhorn with { Epsilon = sinkhorn.EpsilonRelative * (costs.Mean > 0 ? costs.Mean : 1) };
        report.Title($"{_solver.Method(arguments)} transport between {histograms.Count} histograms of {histograms.Bins} bins, {session.Dtype}");
        session.OpenFor(solver, histograms.Bins, histograms.Bins);
        PairwiseRun<T> run = new(costs.Geometry, histograms, solver, arguments.GetValue(_distance) ? costs.Geometry.MetricPower!.Value : 1);
        string? output = arguments.GetValue(_out);
        ResumableMatrix? file = output is null ? null
            : ResumableMatrix.OpenOrCreate(output, histograms.Count, histograms.Count, run.Fingerprint(costs.Identity));
        using PairwiseMatrix matrix = new(histograms.Count, costs.IsSymmetric, costs.IsMetricLike && solver is Exact, file);
        if (file is { IsFingerprinted: false })
            run.Verify(matrix, output!, session);

        try
        {
            (SolveStatus status, string? advice) = run.Fill(matrix, session);
            if (advice is not null)
                report.Text("advice", "advice", advice);
            bool isWhole = !TensorPrimitives.IsNaNAny<double>(matrix.Values);
            NearestNeighbours? votes = histograms.Labels is { } labels && isWhole ? new(matrix.Values, labels, (int)(arguments.GetValue(_neighbours) ?? 3)) : null;
            DescribeEntries(report, matrix, votes);
            if (arguments.GetValue(_plot) is { } plot)
            {
                OutputFile.WriteText(plot, PairwisePicture.Draw(matrix.Values, histograms, votes, Grid(arguments), arguments.GetValue(_distance) ? "distance" : "transport cost"));
                report.Text("plot", "picture", plot);
            }

            return status;
        }
        finally
        {
            if (solver is Sinkhorn { Epsilon: { } epsilon })
                report.Number("epsilon", "epsilon", epsilon);
            report.Count("histograms", "histograms", histograms.Count);
            report.Count("problems", "problems", matrix.Problems);
            report.Count("problems_solved", "solved in this run", run.Solved);
            report.Number("problems_per_second", "problems per second", run.Solved == 0 ? double.NaN : Math.Round(run.Solved / run.Elapsed.TotalSeconds, 1));
            report.SolveTime(run.Elapsed.TotalMilliseconds);
            if (output is not null)
                report.Text("out", "matrix", output);
        }
    }

    private HistogramTable<T> ReadHistograms<T>(ParseResult arguments)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NumericArray array = NumericFile.Read(arguments.GetValue(_histograms)!);
        (int rows, int columns) = array.AsMatrix();
        string? word = arguments.GetValue(_labelColumn);
        int labelColumn = word is null ? -1 : word == "last" ? columns - 1 : int.Parse(word, CultureInfo.InvariantCulture);
        if (labelColumn >= columns)
            throw new CommandException($"--label-column is {labelColumn}; {array.Name} has columns 0 to {columns - 1}");
        HistogramTable<T> table = HistogramTable<T>.From(array, labelColumn, arguments.GetValue(_limit) ?? int.MaxValue);
        return arguments.GetValue(_labels) is { } labels ? table with { Labels = ReadLabels(labels, rows, table.Count) } : table;
    }

    private static void DescribeEntries(Report report, PairwiseMatrix matrix, NearestNeighbours? votes)
    {
        double sum = TensorPrimitives.Sum<double>(matrix.Values);
        for (int i = 0; i < matrix.Count; i++)
            sum -= matrix.Values[(i * matrix.Count) + i];
        double mean = sum / ((double)matrix.Count * (matrix.Count - 1));
        report.Headline(votes?.Accuracy ?? mean);
        report.Number("mean", "mean off the diagonal", mean);
        if (votes is null)
            return;
        report.Number("accuracy", "accuracy", votes.Accuracy);
        report.Count("correct", "right", votes.Correct);
        report.Count("neighbours", "neighbours that vote", votes.Size);
    }
}
