using System.CommandLine;
using System.Numerics;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Transfer;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot transfer</c>: gives a photo the colours of another.</summary>
internal sealed class TransferCommand : EngineCommand
{
    private const int DefaultSamples = 1000;
    private const int SmoothedShare = 50;

    private readonly Argument<string> _photo = new("photo") { Description = "The photo to recolour, .png." };
    private readonly Argument<string> _reference = new("reference") { Description = "The photo whose colours it gets, .png." };
    private readonly Option<string?> _out = OptionKinds.File("--out", "Write the recoloured photo, .png; required.");
    private readonly SolverOptions _solver = new();
    private readonly Option<long?> _samples = OptionKinds.Integer("--samples", $"Pixels drawn from each photo. Default: {DefaultSamples}.", 1, 1_000_000);
    private readonly Option<long?> _smoothing = OptionKinds.Integer("--smoothing", $"Pixels over which colour shifts are smoothed along the photo's surfaces. Default: 1/{SmoothedShare} of the shorter side.", 0, 10_000);
    private readonly Option<string?> _plot = OptionKinds.File("--plot", "Draw both photos, the result and their colours to an .svg.");

    public TransferCommand(CommonOptions common, Terminal terminal)
        : base(
            "transfer",
            "Give a photo the colours of another: optimal transport between samples of their pixels in RGB, extended smoothly to all pixels.",
            "ot transfer china.png flower.png --out flower-coloured.png",
            common,
            terminal)
    {
        Arguments.Add(_photo);
        Arguments.Add(_reference);
        Options.Add(_out);
        _solver.AddTo(this);
        foreach (Option option in (Option[])[_samples, _smoothing, _plot])
            Options.Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_out) is null)
            throw new CommandException("--out is missing; name the .png to write");
        Outputs.Prepare(arguments, _out, ".png");
        Outputs.Prepare(arguments, _plot, ".svg");
        TransportSolver solver = _solver.Read(arguments, session.IsFloat32);
        return session.Answer(_solver.Method(arguments), report => session.IsFloat32
            ? Transfer<float>(arguments, solver, session, report)
            : Transfer<double>(arguments, solver, session, report));
    }

    private SolveStatus Transfer<T>(ParseResult arguments, TransportSolver solver, Session session, Report report)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PngImage photo = ImageFile.Read(arguments.GetValue(_photo)!);
        PngImage reference = ImageFile.Read(arguments.GetValue(_reference)!);
        int samples = (int)(arguments.GetValue(_samples) ?? DefaultSamples);
        Random random = new(session.Seed);
        T[] x = ColourCloud.Sample<T>(photo, samples, random);
        T[] y = ColourCloud.Sample<T>(reference, samples, random);
        report.Title($"colour transfer, {photo.Width} x {photo.Height} pixels, {x.Length / 3} x {y.Length / 3} samples, {session.Dtype}");

        TransportProblem<T> problem = TransportProblem.On(new PointCloudGeometry<T>(x, y, 3, Cost.SquaredEuclidean));
        session.OpenFor(solver, problem.Geometry.Rows, problem.Geometry.Columns);
        (TransportResult<T> solved, double milliseconds) = Session.Time(1, () => session.Engine.Solve(problem, solver, session.Progress, session.Token));
        using TransportResult<T> result = solved;
        T[] images = new T[x.Length];
        result.Plan.Barycentric(y, 3, images);
        ColourMap map = new(Array.ConvertAll(x, float.CreateChecked), Array.ConvertAll(images, float.CreateChecked));
        int radius = (int)(arguments.GetValue(_smoothing) ?? Math.Min(photo.Width, photo.Height) / SmoothedShare);
        PngImage recoloured = map.Apply(photo, radius, session.Threads, session.Token);
        string output = arguments.GetValue(_out)!;
        ImageFile.Write(output, recoloured);

        report.Headline(result.TransportCost);
        report.Number("transport_cost", "transport cost of the samples", result.TransportCost);
        report.Number("distance", "distance of the samples", result.Distance);
        report.Number("lower_bound", null, result.LowerBound);
        report.Number("upper_bound", null, result.UpperBound);
        report.Count("iterations", solver is Exact ? "pivots" : "sweeps", result.Iterations);
        if (solver is Sinkhorn)
            report.Number("epsilon", "epsilon", result.Epsilon);
        if (result.Advice is { } advice)
            report.Text("advice", "advice", advice);
        report.SolveTime(milliseconds);
        report.Count("samples", "samples of the photo", x.Length / 3);
        report.Text("out", "recoloured photo", output);
        if (arguments.GetValue(_plot) is { } plot)
        {
            OutputFile.WriteText(plot, TransferPicture.Draw(("photo", photo), ("reference", reference), ("photo in the reference's colours", recoloured)));
            report.Text("plot", "picture", plot);
        }

        return result.Status;
    }
}
