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

    public LoadedTable<T> Loaded => _loaded;

    public BackendBuffer<double> AllPotentials => _potentials;

    public long[] CoordinateOffsets(TransportSide side) => _table.CoordinateOffsets(side);

    public SinkhornState State(int row)
    {
        SinkhornState[] state = new SinkhornState[1];
        _states.CopyTo(state, row);
        return state[0];
    }

    public (double[] F, double[] G) Potentials(int row) => Read(_potentials, row);

    /// <summary>What lies at the offsets of the potentials of a problem.</summary>
    public (double[] F, double[] G) Read(BackendBuffer<double> values, int row)
    {
        ProblemRow problem = _table.Rows[row];
        double[] f = new double[problem.Rows];
        double[] g = new double[problem.Columns];
        values.CopyTo(f, problem.PotentialsA);
        values.CopyTo(g, problem.PotentialsB);
        return (f, g);
    }

    public void SetPotentials(IReadOnlyList<(double[] F, double[] G)> potentials)
    {
        for (int row = 0; row < potentials.Count; row++)
        {
            _potentials.CopyFrom(potentials[row].F, _table.Rows[row].PotentialsA);
            _potentials.CopyFrom(potentials[row].G, _table.Rows[row].PotentialsB);
        }
    }

    /// <summary>Sweeps from given potentials of weights of total one, plain or at a fixed relaxation.</summary>
    public void Sweep(IReadOnlyList<(double[] F, double[] G)> start, int sweeps, double omega)
    {
        SetPotentials(start);
        for (int row = 0; row < start.Count; row++)
        {
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
