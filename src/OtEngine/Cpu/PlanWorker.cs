using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// One plan at a time, P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps) with weights of total one, in memory it keeps: what the verbs
/// <see cref="PlanReduce"/>, PlanApply and PlanWrite (<see cref="CpuPlan{T}"/>) share. All arithmetic is in double; sums over rows follow a
/// partition that depends on the shape alone.
/// </summary>
/// <remarks>In bounds: vectors of side b are sized by the stride, the columns rounded up to whole vectors; see <see cref="Take"/>.</remarks>
internal sealed unsafe class PlanWorker<T> : IWorker
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostParts = 64;
    private const int LeastPartRows = 64;
    private readonly ScratchBuffer<double> _doubles = new();
    private readonly ScratchBuffer<double> _plan = new();
    private readonly ScratchBuffer<double> _massless = new();
    private int _parts;
    private int _partRows;
    private int _lanes;
    private double* _kept;
    private double* _rowScratch;
    private double* _partSums;
    private double* _partCosts;

    public long HeldBytes => _doubles.Bytes + _plan.Bytes + _massless.Bytes + RowsFactory.HeldBytes;

    public void Forget() => RowsFactory.Forget();

    /// <summary>The atoms with mass.</summary>
    public EntropicSupport<T> Support { get; } = new();

    public CostRowsFactory<T> RowsFactory { get; } = new();

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    /// <summary>Columns rounded up to whole vectors.</summary>
    public int Stride { get; private set; }

    /// <summary>Room for three vectors of the atoms without mass of either side.</summary>
    public double* MasslessScratch =>
        _massless.Take(3L * RoundUp(Math.Max(Support.MasslessSources.Length, Support.MasslessSinks.Length)));

    /// <summary>Whether the work on this problem is spread over threads.</summary>
    public bool IsSpread => _lanes > 1;

    /// <summary>Whether P is stored.</summary>
    public bool IsKept => _kept != null;

    /// <summary>log2 e / eps.</summary>
    public double Scale { get; private set; }

    /// <summary>f by source; a caller may use it.</summary>
    public double* F { get; private set; }

    /// <summary>g by sink, zero in the padding; a caller may use it.</summary>
    public double* G { get; private set; }

    /// <summary>f log2 e / eps + log2 a.</summary>
    public double* U { get; private set; }

    /// <summary>g log2 e / eps + log2 b, minus infinity in the padding.</summary>
    public double* V { get; private set; }

    /// <summary>Row sums, by the last reduction; a caller may use it before the next one.</summary>
    public double* RowSums { get; private set; }

    /// <summary>Column sums, by the last reduction.</summary>
    public double* ColumnSums { get; private set; }

    public void Dispose()
    {
        _doubles.Dispose();
        _plan.Dispose();
        _massless.Dispose();
    }

    /// <summary>Takes one problem of a table with its potentials.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">Which one.</param>
    /// <param name="epsilon">Its regularisation.</param>
    /// <param name="potentials">By the offsets of the table.</param>
    /// <param name="threads">Most lanes.</param>
    /// <param name="rowSide">Whose atoms are the rows here; with side b the sides are exchanged throughout.</param>
    public void Take(ProblemTable<T> table, int row, double epsilon, HostBuffer<double> potentials, int threads, TransportSide rowSide = TransportSide.A)
    {
        ProblemRow problem = table.Rows[row];
        if (rowSide == TransportSide.B)
        {
            problem = problem with
            {
                Rows = problem.Columns,
                Columns = problem.Rows,
                WeightsA = problem.WeightsB,
                WeightsB = problem.WeightsA,
                PotentialsA = problem.PotentialsB,
                PotentialsB = problem.PotentialsA,
            };
        }

        ReadOnlySpan<double> f = potentials.Span(problem.PotentialsA, problem.Rows);
        ReadOnlySpan<double> g = potentials.Span(problem.PotentialsB, problem.Columns);
        _kept = null;
        Support.Take(table.WeightsA(problem), table.WeightsB(problem));
        Rows = Support.Sources.Length;
        Columns = Support.Sinks.Length;
        Stride = RoundUp(Columns);
        Scale = 1 / (epsilon * SinkhornSweep.Ln2);
        _partRows = Math.Max(LeastPartRows, (Rows + MostParts - 1) / MostParts);
        _parts = (Rows + _partRows - 1) / _partRows;
        _lanes = (long)Rows * Columns >= TableLoop.SpreadFrom ? Math.Min(threads, _parts) : 1;
        int paddedRows = RoundUp(Rows);
        double* memory = _doubles.Take((3L * paddedRows) + ((3L + _lanes + _parts) * Stride) + _parts);
        F = memory;
        U = F + paddedRows;
        RowSums = U + paddedRows;
        G = RowSums + paddedRows;
        V = G + Stride;
        ColumnSums = V + Stride;
        _rowScratch = ColumnSums + Stride;
        _partSums = _rowScratch + ((long)_lanes * Stride);
        _partCosts = _partSums + ((long)_parts * Stride);
        for (int i = 0; i < Rows; i++)
        {
            F[i] = f[Support.Sources[i]];
            U[i] = (F[i] * Scale) + Math.Log2(Support.A[i]);
        }

        for (int j = 0; j < Columns; j++)
        {
            G[j] = g[Support.Sinks[j]];
            V[j] = (G[j] * Scale) + Math.Log2(Support.B[j]);
        }

        for (int j = Columns; j < Stride; j++)
        {
            G[j] = 0;
            V[j] = double.NegativeInfinity;
        }
    }

    /// <summary>Columns rounded up to whole vectors.</summary>
    public static int RoundUp(int count) => (int)((count + (long)Vector512<double>.Count - 1) / Vector512<double>.Count * Vector512<double>.Count);

    /// <summary>Stores P, so that applications only read it.</summary>
    public void Keep<TRows>(in TRows rows, Execution execution)
        where TRows : struct, ICostRows
    {
        _kept = _plan.Take((long)Rows * Stride);
        PartLoop.Run(_parts, _lanes, new KeepTask<TRows>(this, rows, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Row sums, column sums and cost of 2^(U_i + V_j - k C_ij).</summary>
    public double Reduce<TRows>(in TRows rows, Execution execution)
        where TRows : struct, ICostRows
    {
        PartLoop.Run(_parts, _lanes, new ReduceTask<TRows>(this, rows, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
        SumColumns(ColumnSums);
        return SumCosts();
    }

    /// <summary>Row sums and cost of x_i P_ij y_j; rows whose x is zero are not read. y has the stride.</summary>
    public double ReduceScaled<TRows>(in TRows rows, double* x, double* y, Execution execution)
        where TRows : struct, ICostRows
    {
        PartLoop.Run(_parts, _lanes, new ReduceScaledTask<TRows>(this, rows, x, y, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
        return SumCosts();
    }

    /// <summary>sum_ij x_i C_ij y_j; y has the stride, zero in its padding.</summary>
    public double Bilinear<TRows>(in TRows rows, double* x, double* y, Execution execution)
        where TRows : struct, ICostRows
    {
        PartLoop.Run(_parts, _lanes, new BilinearTask<TRows>(this, rows, x, y, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
        return SumCosts();
    }

    /// <summary>destination_ic = sum_j P_ij y_jc; each column of y has the stride, zero in its padding; the destination is row-major.</summary>
    public void Apply<TRows>(in TRows rows, double* y, int width, double* destination, Execution execution)
        where TRows : struct, ICostRows
    {
        PartLoop.Run(_parts, _lanes, new ApplyTask<TRows>(this, rows, y, width, destination, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>destination_j = sum_i P_ij x_i, of the stride; rows whose x is zero are not read.</summary>
    public void ApplyTransposed<TRows>(in TRows rows, double* x, double* destination, Execution execution)
        where TRows : struct, ICostRows
    {
        PartLoop.Run(_parts, _lanes, new ApplyTransposedTask<TRows>(this, rows, x, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
        SumColumns(destination);
    }

    /// <summary>Adds up the sums of all parts, in their order, into a vector of the stride.</summary>
    public void SumColumns(double* columns)
    {
        NativeMemory.Clear(columns, (nuint)Stride * sizeof(double));
        for (int part = 0; part < _parts; part++)
            PlanRows.AddScaled(PartSums(part), 1, columns, Stride);
    }

    private double SumCosts()
    {
        CompensatedSum total = default;
        for (int part = 0; part < _parts; part++)
            total.Add(_partCosts[part]);
        return total.Value;
    }

    /// <summary>Room for the column sums of one part, of the stride.</summary>
    public double* PartSums(int part) => _partSums + ((long)part * Stride);

    /// <summary>Row i of P: as kept, or computed into the lane's memory from its row of costs.</summary>
    public double* RowOf<TRows>(in TRows rows, int costRow, int i, int lane)
        where TRows : struct, ICostRows
    {
        if (_kept != null)
            return _kept + ((long)i * Stride);
        double* w = RowScratch(lane);
        PlanRows.Write(rows, costRow, Scale, U[i], V, w, Stride);
        return w;
    }

    /// <summary>Room for one row of the stride.</summary>
    public double* RowScratch(int lane) => _rowScratch + ((long)lane * Stride);

    /// <summary>Goes through the parts of the rows, on lanes; what a part is depends on the shape alone.</summary>
    public void RunParts<TTask>(in TTask task, Execution execution)
        where TTask : struct, IPartTask
    {
        PartLoop.Run(_parts, _lanes, task);
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The first row of a part.</summary>
    public int StartOf(int part) => part * _partRows;

    public int EndOf(int part) => Math.Min((part + 1) * _partRows, Rows);

    private readonly struct ReduceTask<TRows>(PlanWorker<T> worker, TRows rows, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        public void Run(int part, int lane)
        {
            double* sums = worker.PartSums(part);
            NativeMemory.Clear(sums, (nuint)worker.Stride * sizeof(double));
            double total = 0;
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                (worker.RowSums[i], double cost) = PlanRows.Reduce(rows, i, worker.Scale, worker.U[i], worker.V, sums, worker.Stride);
                total += cost;
            }

            worker._partCosts[part] = total;
        }
    }

    private readonly struct KeepTask<TRows>(PlanWorker<T> worker, TRows rows, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        public void Run(int part, int lane)
        {
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
                PlanRows.Write(rows, i, worker.Scale, worker.U[i], worker.V, worker._kept + ((long)i * worker.Stride), worker.Stride);
        }
    }

    private readonly struct ReduceScaledTask<TRows>(PlanWorker<T> worker, TRows rows, double* x, double* y, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        private readonly double* _x = x;
        private readonly double* _y = y;

        public void Run(int part, int lane)
        {
            double total = 0;
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                (double mass, double cost) = _x[i] == 0 ? default : PlanRows.ReduceWeighted(rows, i, worker.Scale, worker.U[i], worker.V, _y, worker.Stride);
                worker.RowSums[i] = _x[i] * mass;
                total += _x[i] * cost;
            }

            worker._partCosts[part] = total;
        }
    }

    private readonly struct BilinearTask<TRows>(PlanWorker<T> worker, TRows rows, double* x, double* y, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        private readonly double* _x = x;
        private readonly double* _y = y;

        public void Run(int part, int lane)
        {
            double total = 0;
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
                total += _x[i] == 0 ? 0 : _x[i] * PlanRows.WeightedCost(rows, i, _y, worker.Stride);
            worker._partCosts[part] = total;
        }
    }

    private readonly struct ApplyTask<TRows>(
        PlanWorker<T> worker, TRows rows, double* y, int width, double* destination, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        private readonly double* _y = y;
        private readonly double* _destination = destination;

        public void Run(int part, int lane)
        {
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                double* w = worker.RowOf(rows, i, i, lane);
                for (int c = 0; c < width; c++)
                    _destination[((long)i * width) + c] = PlanRows.Dot(w, _y + ((long)c * worker.Stride), worker.Stride);
            }
        }
    }

    private readonly struct ApplyTransposedTask<TRows>(PlanWorker<T> worker, TRows rows, double* x, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        private readonly double* _x = x;

        public void Run(int part, int lane)
        {
            double* sums = worker.PartSums(part);
            NativeMemory.Clear(sums, (nuint)worker.Stride * sizeof(double));
            for (int i = part * worker._partRows; i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                if (_x[i] != 0)
                    PlanRows.AddScaled(worker.RowOf(rows, i, i, lane), _x[i], sums, worker.Stride);
            }
        }
    }
}
