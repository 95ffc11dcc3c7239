using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Tests.Backends;

/// <summary>A table in the memory of a backend, with one stage, states and potentials: what the conformance tests of entropic verbs call them on.</summary>
internal sealed class EntropicTable<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ProblemTable<T> _table;
    private readonly LoadedTable<T> _loaded;
    private readonly BackendBuffer<double> _potentials;
    private readonly BackendBuffer<SinkhornState> _states;
    private readonly Backend _backend;
    private readonly double _epsilon;

    public EntropicTable(Backend backend, IReadOnlyList<TransportProblem<T>> problems, double epsilon, long budget, int threads)
    {
        _backend = backend;
        _epsilon = epsilon;
        _table = ProblemTable<T>.Of(problems);
        _loaded = backend.Load(_table);
        _potentials = backend.Allocate<double>(_table.PotentialCount);
        _states = backend.Allocate<SinkhornState>(problems.Count);
        Execution = new Execution(backend, threads, budget, null, CancellationToken.None);
    }

    public Execution Execution { get; }

    public SinkhornState State(int row)
    {
        SinkhornState[] state = new SinkhornState[1];
        _states.CopyTo(state, row);
        return state[0];
    }

    public (double[] F, double[] G) Potentials(int row)
    {
        ProblemRow problem = _table.Rows[row];
        double[] f = new double[problem.Rows];
        double[] g = new double[problem.Columns];
        _potentials.CopyTo(f, problem.PotentialsA);
        _potentials.CopyTo(g, problem.PotentialsB);
        return (f, g);
    }

    /// <summary>Sweeps from given potentials of weights of total one, plain or at a fixed relaxation.</summary>
    public void Sweep(IReadOnlyList<(double[] F, double[] G)> start, int sweeps, double omega)
    {
        for (int row = 0; row < start.Count; row++)
        {
            _potentials.CopyFrom(start[row].F, _table.Rows[row].PotentialsA);
            _potentials.CopyFrom(start[row].G, _table.Rows[row].PotentialsB);
            SinkhornState state = SinkhornRule.Begin(0, 0, sweeps, cold: false, relax: false, handOver: false, 0);
            state.Omega = omega;
            _states.CopyFrom([state], row);
        }

        SinkhornStage[] stages = [new SinkhornStage(_epsilon, sweeps, 0)];
        _backend.SinkhornSweep(_loaded, stages, _states, _potentials, sweeps, Execution);
    }

    public PlanReduction[] Reduce(bool bracket)
    {
        PlanReduction[] reductions = new PlanReduction[_table.Rows.Length];
        double[] epsilons = new double[reductions.Length];
        Array.Fill(epsilons, _epsilon);
        _backend.PlanReduce(_loaded, epsilons, _potentials, null, bracket, reductions, Execution);
        return reductions;
    }

    public void Dispose()
    {
        _states.Dispose();
        _potentials.Dispose();
        _loaded.Dispose();
        _table.Dispose();
    }
}
