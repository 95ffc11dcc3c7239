using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::assignment_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AssignmentArguments
{
    public ulong Problems;
    public ulong Chosen;
    public ulong Workspaces;
    public ulong Workspace;
    public ulong Costs;
    public ulong Matching;
    public ulong Potentials;
    public ulong Outcomes;
    public long Budget;
}

/// <summary>
/// The launcher of kernels/assignment.cu: a warp a problem of few columns, a block each of the others, whose state stays in shared memory where
/// it fits. Launches go on until all rows are inserted, so that a call can be cancelled between them.
/// </summary>
internal static class Assignment
{
    private static readonly KernelEntry<AssignmentArguments> WarpEntry = new("assignment", "ot_assignment_warp", Tuning.AssignmentWarpThreads);
    private static readonly KernelEntry<AssignmentArguments> BlockEntry = new("assignment", "ot_assignment_block", Tuning.AssignmentBlockThreads);

    public static void Run<T>(
        CudaRuntime runtime,
        ReadOnlySpan<AssignmentProblem> problems,
        CudaBuffer<T> costs,
        CudaBuffer<int> matchings,
        CudaBuffer<double> potentials,
        Span<AssignmentOutcome> outcomes,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        foreach (AssignmentProblem problem in problems)
            problem.RequireWithin(costs.Length, matchings.Length, potentials.Length);
        if (problems.IsEmpty)
            return;
        using CudaBuffer<AssignmentProblem> batch = runtime.Allocate<AssignmentProblem>(problems.Length);
        using CudaBuffer<AssignmentOutcome> results = runtime.Allocate<AssignmentOutcome>(problems.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(problems, batch);
        stream.Clear(results, 0, problems.Length);
        outcomes[..problems.Length].Clear();
        using AssignmentLaunches launches = new(runtime, stream, problems);
        AssignmentArguments arguments = new()
        {
            Problems = batch.Address,
            Costs = costs.Address,
            Matching = matchings.Address,
            Potentials = potentials.Address,
            Outcomes = results.Address,
            Budget = Math.Max(1, runtime.Options.AssignmentChunk / Math.Max(1, launches.MostColumns)),
        };
        int ended = 0;
        while (ended < problems.Length)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            launches.Queue<T>(arguments);
            stream.Download(results, outcomes[..problems.Length]);
            int nowEnded = 0;
            long inserted = 0;
            for (int k = 0; k < problems.Length; k++)
            {
                nowEnded += outcomes[k].Infeasible != 0 || outcomes[k].Inserted == problems[k].Rows ? 1 : 0;
                inserted = Math.Max(inserted, outcomes[k].Inserted);
            }

            execution.Report(inserted);
            if (nowEnded > ended)
                execution.Complete(nowEnded - ended);
            ended = nowEnded;
        }
    }

    /// <summary>Which problems each launch takes, and where their states are.</summary>
    private sealed class AssignmentLaunches : IDisposable
    {
        private readonly CudaRuntime _runtime;
        private readonly CudaStream _stream;
        private readonly List<(KernelEntry<AssignmentArguments> Entry, CudaBuffer<int> Chosen, int SharedBytes, bool InShared)> _launches = [];
        private readonly CudaBuffer<long>? _workspaces;
        private readonly CudaBuffer<byte>? _workspace;

        public AssignmentLaunches(CudaRuntime runtime, CudaStream stream, ReadOnlySpan<AssignmentProblem> problems)
        {
            (_runtime, _stream) = (runtime, stream);
            List<int> warps = [], blocks = [], others = [];
            List<long> places = [];
            long workspace = 0;
            int warpBytes = 0, blockBytes = 0;

            // Scratch of the kernel itself is shared too.
            long most = runtime.Limits.SharedBytesOptIn - Tuning.AssignmentScratchBytes;
            for (int k = 0; k < problems.Length; k++)
            {
                (int rows, int columns) = (problems[k].Rows, problems[k].Columns);
                MostColumns = Math.Max(MostColumns, columns);
                if (rows == 0)
                    continue;
                long bytes = (32L * columns) + (24L * rows);
                if (columns <= Tuning.AssignmentWarpColumns)
                {
                    warps.Add(k);
                    warpBytes = Math.Max(warpBytes, (int)bytes);
                }
                else if (bytes <= most)
                {
                    blocks.Add(k);
                    blockBytes = Math.Max(blockBytes, (int)bytes);
                }
                else
                {
                    others.Add(k);
                    places.Add(workspace);
                    workspace = checked(workspace + bytes);
                }
            }

            try
            {
                Add(WarpEntry, warps, warpBytes, inShared: true);
                Add(BlockEntry, blocks, blockBytes, inShared: true);
                if (others.Count == 0)
                    return;
                _workspace = runtime.Allocate<byte>(workspace);
                _workspaces = runtime.Allocate<long>(places.Count);
                stream.Upload<long>(CollectionsMarshal.AsSpan(places), _workspaces);
                Add(BlockEntry, others, 0, inShared: false);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public int MostColumns { get; }

        public void Queue<T>(AssignmentArguments arguments)
            where T : unmanaged
        {
            foreach ((KernelEntry<AssignmentArguments> entry, CudaBuffer<int> chosen, int sharedBytes, bool inShared) in _launches)
            {
                AssignmentArguments own = arguments with
                {
                    Chosen = chosen.Address,
                    Workspaces = inShared ? 0 : _workspaces!.Address,
                    Workspace = inShared ? 0 : _workspace!.Address,
                };
                entry.Launch<T>(_runtime, _stream, chosen.Length, own, sharedBytes);
            }
        }

        public void Dispose()
        {
            foreach ((_, CudaBuffer<int> chosen, _, _) in _launches)
                chosen.Dispose();
            _workspaces?.Dispose();
            _workspace?.Dispose();
        }

        private void Add(KernelEntry<AssignmentArguments> entry, List<int> chosen, int sharedBytes, bool inShared)
        {
            if (chosen.Count == 0)
                return;
            CudaBuffer<int> buffer = _runtime.Allocate<int>(chosen.Count);
            _launches.Add((entry, buffer, sharedBytes, inShared));
            _stream.Upload<int>(CollectionsMarshal.AsSpan(chosen), buffer);
        }
    }
}
