using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Entropic potentials while eps falls, a sweep at each eps. Each step is extrapolated: f(eps) is nearly linear in eps, so that
/// the change of one step, scaled to the next, brings a sweep ten times closer than starting it where the last one ended.
/// </summary>
internal sealed class Annealing(Execution execution)
{
    /// <summary>What eps is multiplied by from sweep to sweep over a stored sample.</summary>
    private const double CoarseStep = 0.85;

    /// <summary>The same over near arcs. Of 0.8, 0.84, 0.88, 0.9, 0.92 and 0.95 the best total: slower steps leave fewer pivots, but are more sweeps.</summary>
    private const double Step = 0.92;

    /// <summary>Share of the last change by which potentials are carried on; all of it amplifies noise.</summary>
    private const double Extrapolated = 0.95;

    private const int MostSweeps = 200;

    /// <summary>Sweeps at the last eps, which take out what extrapolation overshot.</summary>
    private const int SettlingSweeps = 3;

    /// <summary>Uneven weights leave heavy atoms with many neighbours: past a fall of less than 5 % in 10 sweeps, a smaller eps changes nothing.</summary>
    private const double Standstill = 0.95;

    private const int StandstillSweeps = 10;

    private readonly ArcSweep _sweep = new(execution.Cancellation);
    private double[] _sharesA = [];
    private double[] _sharesB = [];

    /// <summary>Potentials of the sources.</summary>
    public double[] F { get; private set; } = [];

    /// <summary>Potentials of the sinks.</summary>
    public double[] G { get; private set; } = [];

    /// <summary>Logarithms of the shares of the sources.</summary>
    public double[] LogA { get; private set; } = [];

    /// <summary>Logarithms of the shares of the sinks.</summary>
    public double[] LogB { get; private set; } = [];

    /// <summary>The eps at which the potentials are.</summary>
    public double Epsilon { get; set; }

    public bool IsFinite => Array.TrueForAll(F, double.IsFinite) && Array.TrueForAll(G, double.IsFinite);

    /// <summary>Makes room for the potentials of two samples; eps stays.</summary>
    public void Begin(AtomSample a, AtomSample b)
    {
        (_sharesA, _sharesB) = (a.Shares, b.Shares);
        LogA = Logarithms(a.Shares);
        LogB = Logarithms(b.Shares);
        F = new double[LogA.Length];
        G = new double[LogB.Length];
    }

    /// <summary>Sweeps over all arcs of a stored sample, until few enough would share an atom's mass on the next level.</summary>
    /// <param name="costs">The costs.</param>
    /// <param name="moreSources">Sources of the next level for each of this one.</param>
    /// <param name="moreSinks">Sinks of the next level for each of this one.</param>
    /// <param name="enough">Neighbours at which to stop.</param>
    public void Run(CoarseCosts costs, double moreSources, double moreSinks, double enough) =>
        Run(CoarseStep, enough, () =>
        {
            _sweep.Update(costs.ByRow, G, LogB, _sharesA, Epsilon, F);
            double ofSources = More(_sweep.Neighbours, moreSinks);
            _sweep.Update(costs.ByColumn, F, LogA, _sharesB, Epsilon, G);
            return Math.Min(ofSources, More(_sweep.Neighbours, moreSources));
        });

    /// <summary>The same over near arcs.</summary>
    public void Run(CandidateArcs arcs, double moreSources, double moreSinks, double enough) =>
        Run(Step, enough, () =>
        {
            _sweep.Update(arcs.BySource, G, LogB, _sharesA, Epsilon, F);
            double ofSources = More(_sweep.Neighbours, moreSinks);
            _sweep.Update(arcs.BySink, F, LogA, _sharesB, Epsilon, G);
            return Math.Min(ofSources, More(_sweep.Neighbours, moreSources));
        });

    private void Run(double step, double enough, Func<double> sweep)
    {
        double[] lastF = (double[])F.Clone();
        double[] lastG = (double[])G.Clone();
        double before = double.PositiveInfinity;
        for (int k = 0; k < MostSweeps; k++)
        {
            execution.Report(0);
            double neighbours = sweep();
            if (neighbours <= enough)
                break;
            if (k % StandstillSweeps == 0)
            {
                if (neighbours > Standstill * before)
                    break;
                before = neighbours;
            }

            // The first sweep corrects what came from elsewhere; that is no trend.
            double factor = k == 0 ? 0 : step * Extrapolated;
            Extrapolate(F, lastF, factor);
            Extrapolate(G, lastG, factor);
            Epsilon *= step;
        }

        for (int k = 0; k < SettlingSweeps; k++)
            sweep();
    }

    /// <summary>Neighbours beside the first, if there were so many times more atoms.</summary>
    private static double More(double neighbours, double factor) => 1 + ((neighbours - 1) * factor);

    private static void Extrapolate(double[] values, double[] last, double factor)
    {
        for (int k = 0; k < values.Length; k++)
        {
            double change = values[k] - last[k];
            last[k] = values[k];
            values[k] += factor * change;
        }
    }

    /// <summary>An atom like another may have been left without a share: that stays finite.</summary>
    private static double[] Logarithms(double[] shares) => Array.ConvertAll(shares, share => Math.Log(Math.Max(share, double.Epsilon)));
}
