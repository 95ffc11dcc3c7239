using System.CommandLine;

namespace OtEngine.Cli;

/// <summary>How a transport problem is solved: <c>--method</c>, and the options that methods read.</summary>
internal sealed class SolverOptions
{
    /// <summary>The word for exact transport.</summary>
    public const string ExactWord = "exact";

    private const string Entropic = "sinkhorn";
    private const string PositiveNumber = "a number above 0 (at least 2.3e-308)";
    private const double FloatTolerance = 1e-4;
    private const double DoubleTolerance = 1e-6;
    private static readonly string[] Methods = [ExactWord, Entropic];

    private readonly Option<string> _method = OptionKinds.Word(
        "--method", "How to solve: exactly by a network simplex, or with entropy by Sinkhorn's iteration.", string.Join('|', Methods), Methods[0], text =>
            Methods.Contains(text) ? (text, null) : (text, $"this build has the methods {string.Join(", ", Methods)} here"));

    private readonly Option<double?> _epsilon = OptionKinds.Number(
        "--epsilon", "sinkhorn: regularisation in cost units.", IsNormal, PositiveNumber);

    private readonly Option<double?> _epsilonRelative = OptionKinds.Number(
        "--epsilon-relative", "sinkhorn: regularisation as a multiple of the mean cost. Default: 0.05.", IsNormal, PositiveNumber);

    private readonly Option<double?> _tolerance = OptionKinds.Number(
        "--tolerance",
        "sinkhorn: L1 error of each marginal, over the mass, that counts as converged; 0 runs exactly --max-iterations plain sweeps. Default: 1e-6, of float32 1e-4.",
        tolerance => tolerance >= 0 && tolerance < 1,
        "a number of at least 0 and below 1");

    private readonly Option<long?> _maxIterations = OptionKinds.Integer(
        "--max-iterations", "Most sweeps of sinkhorn, default 10000; most pivots of exact, by default no bound that matters.", 1, long.MaxValue);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_method, _epsilon, _epsilonRelative, _tolerance, _maxIterations])
            command.Options.Add(option);
    }

    /// <summary>The method as asked for.</summary>
    public string Method(ParseResult arguments) => arguments.GetValue(_method)!;

    /// <summary>The solver that was asked for.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="isFloat32">Whether the computation runs in float32, on which the default tolerance depends.</param>
    /// <exception cref="CommandException">Options that exclude each other, or that the method does not read.</exception>
    public TransportSolver Read(ParseResult arguments, bool isFloat32)
    {
        long? maxIterations = arguments.GetValue(_maxIterations);
        if (Method(arguments) != Entropic)
        {
            foreach (Option<double?> option in (Option<double?>[])[_epsilon, _epsilonRelative, _tolerance])
            {
                if (arguments.GetValue(option) is not null)
                    throw new CommandException($"{option.Name} is read by --method {Entropic} alone, and the method is {Method(arguments)}; add --method {Entropic}, or leave {option.Name} out");
            }

            return new Exact { MaxIterations = maxIterations };
        }

        if (arguments.GetValue(_epsilon) is not null && arguments.GetValue(_epsilonRelative) is not null)
            throw new CommandException($"{_epsilon.Name} and {_epsilonRelative.Name} both give the regularisation; leave one out");
        Sinkhorn preset = new();
        return preset with
        {
            Epsilon = arguments.GetValue(_epsilon),
            EpsilonRelative = arguments.GetValue(_epsilonRelative) ?? preset.EpsilonRelative,
            Tolerance = arguments.GetValue(_tolerance) ?? (isFloat32 ? FloatTolerance : DoubleTolerance),
            MaxIterations = maxIterations ?? preset.MaxIterations,
        };
    }

    private static bool IsNormal(double value) => double.IsNormal(value) && value > 0;
}
