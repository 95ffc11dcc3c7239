using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// The verb SinkhornSweep: sweeps in chunks, captured once as a graph or all in one resident launch, with a look at every problem's control
/// between them, wave after wave where exponents do not fit memory at once. What follows a sweep is decided on the device
/// (<see cref="SinkhornRule"/> in kernels/common/rule.cuh); the host steps in where a problem needs sums shifted by their own maxima.
/// </summary>
internal static class SinkhornSweep
{
    private const string Family = "sinkhorn_sweep";
    private static readonly KernelEntry<SweepArguments> Form = new(Family, "ot_sinkhorn_sweep_form", Tuning.SweepThreads);
    private static readonly KernelEntry<SweepArguments> Rows = new(Family, "ot_sinkhorn_sweep_rows", Tuning.SweepThreads);
    private static readonly KernelEntry<SweepArguments> Columns = new(Family, "ot_sinkhorn_sweep_columns", Tuning.SweepThreads);
    private static readonly KernelEntry<SweepArguments> Advance = new(Family, "ot_sinkhorn_sweep_advance", Tuning.SweepThreads, isTyped: false);
    private static readonly KernelEntry<SweepArguments> BeginEntry = new(Family, "ot_sinkhorn_sweep_begin", Tuning.SweepThreads, isTyped: false);
    private static readonly KernelEntry<SweepArguments> ShiftedA = new(Family, "ot_sinkhorn_sweep_shifted_a", Tuning.SweepThreads, isTyped: false);
    private static readonly KernelEntry<SweepArguments> ShiftedB = new(Family, "ot_sinkhorn_sweep_shifted_b", Tuning.SweepThreads, isTyped: false);

    public static void Run<T>(
        CudaRuntime runtime,
        CudaTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        CudaBuffer<SinkhornState> states,
        CudaBuffer<double> potentials,
        long budget,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        SinkhornState[] hostStates = new SinkhornState[table.Table.Rows.Length];
        stream.Download(states, hostStates);
        SweepMemory<T> memory = table.Sweeps(stream, execution.CostMatrixBudget);
        memory.Take(stream, stages.Span);
        SinkhornBlock.Run(memory, stream, hostStates, stages.Span, states, potentials, budget, execution);
        execution.Report(hostStates.Select(state => state.Sweeps).DefaultIfEmpty(0).Max());
        bool[] runs = [.. hostStates.Select((state, row) => !memory.IsSmall(row) && state.Phase == SinkhornPhase.Running)];
        if (Array.IndexOf(runs, true) < 0)
            return;
        SweepControl[] controls = [.. runs.Select((run, row) => memory.Control(row, run ? budget : 0))];
        long[] ends = [.. runs.Select((run, row) => hostStates[row].Sweeps + (run ? budget : 0))];
        stream.Upload<SweepControl>(controls, memory.Controls);
        SinkhornPoints.Begin(memory, stream, states, potentials);
        foreach (SweepWave<T> wave in memory.AllWaves)
        {
            int[] running = [.. wave.Rows.Where(row => runs[row])];
            if (running.Length == 0)
                continue;
            StartCold(memory, stream, [.. running.Where(row => hostStates[row].Cold != 0)], potentials);
            BeginEntry.Launch<T>(runtime, stream, wave.ProblemTiles.Total, memory.Arguments(wave.ProblemTiles.Table, states, potentials));
            SweepToEnd(wave);
        }

        void SweepToEnd(SweepWave<T> wave)
        {
            // Who records looks at every sweep.
            int chunk = execution.Histories is null ? Tuning.SweepChunk : 1;
            SinkhornResident? resident = execution.Histories is null && controls[wave.Rows[0]].AlwaysShifted == SweepAlways.Never ? wave.Resident : null;
            CudaGraph? graph = resident is null
                ? wave.Graph(memory.Arguments(default, states, potentials), chunk, () => Capture(memory, wave, stream, states, potentials, chunk))
                : null;
            while (true)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                if (graph is null)
                    resident!.Queue(memory, wave, stream, states, potentials);
                else
                    stream.Launch(graph);
                stream.Download(memory.Controls, controls);
                if (execution.Histories is not null)
                    Record(stream, states, hostStates, stages.Span, execution);
                int[] shifted = [.. wave.Rows.Where(row => controls[row].Mode == SweepMode.Shifted && !table.IsGrid(row))];
                if (shifted.Length > 0)
                {
                    Shift(memory, stream, shifted, states, potentials);
                    if (execution.Histories is not null)
                        Record(stream, states, hostStates, stages.Span, execution);
                }
                else if (Array.TrueForAll(wave.Rows, row => controls[row].Mode == SweepMode.Ended))
                {
                    return;
                }

                // The most that any problem has, over all calls, ended ones too: it never goes back.
                execution.Report(ends.Zip(controls, (end, control) => end - control.Left).Max());
            }
        }
    }

    /// <summary>f_i = min_j C_ij, then g_j = min_i (C_ij - f_i): no exponent is above zero, and every row and column has one that is.</summary>
    private static void StartCold<T>(SweepMemory<T> memory, CudaStream stream, int[] cold, CudaBuffer<double> potentials)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CudaTable<T> table = memory.Table;
        int[] grids = [.. cold.Where(table.IsGrid)];
        int[] others = [.. cold.Where(row => !table.IsGrid(row))];
        if (grids.Length > 0)
        {
            using GridSoftMin transforms = GridSoftMin.Of(memory.Runtime, stream, table, grids);
            transforms.Queue(stream, TransportSide.A, epsilons: null, memory.Zeros, potentials, SoftMinAtoms.WithMass);
            transforms.Queue(stream, TransportSide.B, epsilons: null, potentials, potentials, SoftMinAtoms.WithMass);
            stream.Synchronize();
        }

        if (others.Length > 0)
        {
            using SoftMinTiles tiles = SoftMinTiles.Of(table, stream, others);
            SoftMin.Queue<T>(memory.Runtime, stream, tiles, TransportSide.A, memory.Zeros, memory.Zeros, potentials, SoftMinAtoms.WithMass);
            SoftMin.Queue<T>(memory.Runtime, stream, tiles, TransportSide.B, memory.Zeros, potentials, potentials, SoftMinAtoms.WithMass);
            stream.Synchronize();
        }
    }

    private static CudaGraph Capture<T>(
        SweepMemory<T> memory, SweepWave<T> wave, CudaStream stream, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials, int sweeps)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Modules are loaded before, since loading is no work of a stream.
        foreach (KernelEntry<SweepArguments> entry in (ReadOnlySpan<KernelEntry<SweepArguments>>)[Form, Rows, Columns, Advance, ShiftedA, ShiftedB])
            _ = entry.Function<T>(memory.Runtime);
        SinkhornPoints.Load(memory, wave.Points);
        GridSoftMin.Load(memory.Runtime);
        return stream.Capture(captured =>
        {
            for (int sweep = 0; sweep < sweeps; sweep++)
            {
                Queue(Form, wave.RowTiles);
                Queue(Rows, wave.RowTiles);
                if (wave.Points is { } points)
                    SinkhornPoints.Queue(memory, points, captured, states, potentials);
                Queue(Columns, wave.ColumnTiles);
                Queue(Advance, wave.ProblemTiles);
                if (wave.Grids is not { } grids)
                    continue;
                grids.Queue(captured, TransportSide.A, memory.Epsilons, potentials, memory.Logarithms, SoftMinAtoms.WithMass, logarithms: true, memory.Controls);
                Queue(ShiftedA, wave.GridTiles!);
                grids.Queue(captured, TransportSide.B, memory.Epsilons, potentials, memory.Logarithms, SoftMinAtoms.WithMass, logarithms: true, memory.Controls);
                Queue(ShiftedB, wave.GridTiles!);
            }

            void Queue(KernelEntry<SweepArguments> entry, Tiles tiles) =>
                entry.Launch<T>(memory.Runtime, captured, tiles.Total, memory.Arguments(tiles.Table, states, potentials));
        });
    }

    /// <summary>One plain sweep by shifted sums for the problems whose guards objected, or whose shares always ask for it.</summary>
    private static void Shift<T>(SweepMemory<T> memory, CudaStream stream, int[] shifted, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CudaRuntime runtime = memory.Runtime;
        using SoftMinTiles tiles = SoftMinTiles.Of(memory.Table, stream, shifted);
        using Tiles problems = memory.Table.TilesOf(stream, shifted, _ => 1);
        SoftMin.Queue<T>(runtime, stream, tiles, TransportSide.A, memory.Epsilons, potentials, memory.Logarithms, SoftMinAtoms.WithMass, logarithms: true);
        ShiftedA.Launch<T>(runtime, stream, problems.Total, memory.Arguments(problems.Table, states, potentials));
        SoftMin.Queue<T>(runtime, stream, tiles, TransportSide.B, memory.Epsilons, potentials, memory.Logarithms, SoftMinAtoms.WithMass, logarithms: true);
        ShiftedB.Launch<T>(runtime, stream, problems.Total, memory.Arguments(problems.Table, states, potentials));
        stream.Synchronize();
    }

    /// <summary>Takes note of what one sweep did to each problem.</summary>
    private static void Record(CudaStream stream, CudaBuffer<SinkhornState> states, SinkhornState[] known, ReadOnlySpan<SinkhornStage> stages, Execution execution)
    {
        SinkhornState[] now = new SinkhornState[known.Length];
        stream.Download(states, now);
        for (int row = 0; row < known.Length; row++)
        {
            if (now[row].Sweeps > known[row].Sweeps)
                execution.Record(row, ref now[row], stages[known[row].Stage].Epsilon);
            known[row] = now[row];
        }
    }
}
