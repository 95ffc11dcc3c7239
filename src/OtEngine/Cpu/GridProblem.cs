using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// One entropic problem on a grid at a time, in memory it keeps: weights of total one, potentials, and the transform of its cost. Cells
/// without mass stay in the grid, with a log-weight of minus infinity. What the verbs on grids share.
/// </summary>
/// <remarks>In bounds: vectors of a side hold <see cref="CountA"/> or <see cref="CountB"/> doubles, the cells rounded up to whole vectors.</remarks>
internal sealed unsafe class GridProblem<T> : IWorker
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ScratchBuffer<double> _memory = new();
    private readonly EntropicSupport<T> _support = new();

    /// <summary>A problem whose transforms are this backend's.</summary>
    public GridProblem()
        : this(new GridTransform())
    {
    }

    /// <param name="transform">The transforms; disposed with this.</param>
    public GridProblem(GridTransform transform) => Transform = transform;

    public long HeldBytes => _memory.Bytes + Transform.HeldBytes;

    public GridTransform Transform { get; }

    /// <summary>Cells of side a, rounded up.</summary>
    public int CountA { get; private set; }

    /// <summary>Cells of side b, rounded up.</summary>
    public int CountB { get; private set; }

    /// <summary>Cells of side a with mass, increasing.</summary>
    public ReadOnlySpan<int> Sources => _support.Sources;

    /// <summary>Cells of side b with mass, increasing.</summary>
    public ReadOnlySpan<int> Sinks => _support.Sinks;

    /// <summary>Weights of side a, total one; zero without mass.</summary>
    public double* A { get; private set; }

    public double* B { get; private set; }

    /// <summary>log2 of the weights.</summary>
    public double* LogA { get; private set; }

    public double* LogB { get; private set; }

    /// <summary>Potentials of side a, in cost units.</summary>
    public double* F { get; private set; }

    public double* G { get; private set; }

    /// <summary>f Scale + log2 a, as of the last <see cref="FillU"/>; a caller may shift it.</summary>
    public double* U { get; private set; }

    /// <summary>g Scale + log2 b, as of the last <see cref="FillV"/>; a caller may shift it.</summary>
    public double* V { get; private set; }

    /// <summary>Results at side a.</summary>
    public double* ResultsA { get; private set; }

    /// <summary>Results at side b.</summary>
    public double* ResultsB { get; private set; }

    /// <summary>More room at side a.</summary>
    public double* MoreA { get; private set; }

    public double* MoreB { get; private set; }

    public void Dispose()
    {
        Transform.Dispose();
        _memory.Dispose();
    }

    /// <summary>Takes one problem of a table with its potentials.</summary>
    public void Take(ProblemTable<T> table, int row, double epsilon, HostBuffer<double> potentials, int threads)
    {
        ProblemRow problem = table.Rows[row];
        Take(table, row, epsilon, potentials.Span(problem.PotentialsA, problem.Rows), potentials.Span(problem.PotentialsB, problem.Columns), threads);
    }

    /// <summary>Takes one problem of a table with its potentials.</summary>
    public void Take(ProblemTable<T> table, int row, double epsilon, ReadOnlySpan<double> f, ReadOnlySpan<double> g, int threads)
    {
        ProblemRow problem = table.Rows[row];
        GridGeometry<T> geometry = (GridGeometry<T>)table.Geometries[problem.Geometry];
        _support.Take(table.WeightsA(problem), table.WeightsB(problem));
        Transform.Take(geometry.AxisCosts, geometry.ShapeA, geometry.ShapeB, TableLoop.IsLarge(geometry) ? threads : 1);
        CountA = Transform.LengthA;
        CountB = Transform.LengthB;
        long length = 6L * ((long)CountA + CountB);
        double* memory = _memory.Take(length);
        NativeMemory.Clear(memory, (nuint)length * sizeof(double));
        A = memory;
        LogA = A + CountA;
        F = LogA + CountA;
        U = F + CountA;
        ResultsA = U + CountA;
        MoreA = ResultsA + CountA;
        B = MoreA + CountA;
        LogB = B + CountB;
        G = LogB + CountB;
        V = G + CountB;
        ResultsB = V + CountB;
        MoreB = ResultsB + CountB;
        Spread(_support.Sources, _support.A, A, LogA, CountA);
        Spread(_support.Sinks, _support.B, B, LogB, CountB);

        // Those of cells without mass may hold anything.
        foreach (int i in _support.Sources)
            F[i] = f[i];
        foreach (int j in _support.Sinks)
            G[j] = g[j];
        SetEpsilon(epsilon);
    }

    /// <summary>Hands back the potentials of the cells with mass.</summary>
    public void Give(Span<double> f, Span<double> g)
    {
        foreach (int i in _support.Sources)
            f[i] = F[i];
        foreach (int j in _support.Sinks)
            g[j] = G[j];
    }

    /// <summary>
    /// Moves a constant from g to f, which changes no plan: foreign warm starts leave both far from zero, on opposite sides, where they
    /// have few digits left. One of the values first, since those of a far start are then equal to the last bit, then the mean of the rest.
    /// </summary>
    public void Centre()
    {
        Move(G[_support.Sinks[0]]);
        double mean = 0;
        foreach (int j in _support.Sinks)
            mean += B[j] * G[j];
        Move(mean);
    }

    /// <summary>Sets the regularisation of what follows.</summary>
    public void SetEpsilon(double epsilon) => Transform.Scale = 1 / (epsilon * SinkhornSweep.Ln2);

    public void FillU() => GridRows.Values(CountA, Transform.Scale, F, LogA, U);

    public void FillV() => GridRows.Values(CountB, Transform.Scale, G, LogB, V);

    private void Move(double constant)
    {
        if (!double.IsFinite(constant))
            return;
        foreach (int i in _support.Sources)
            F[i] += constant;
        foreach (int j in _support.Sinks)
            G[j] -= constant;
    }

    private static void Spread(ReadOnlySpan<int> atoms, ReadOnlySpan<double> shares, double* weights, double* logarithms, int count)
    {
        new Span<double>(logarithms, count).Fill(double.NegativeInfinity);
        for (int k = 0; k < atoms.Length; k++)
        {
            weights[atoms[k]] = shares[k];
            logarithms[atoms[k]] = Math.Log2(shares[k]);
        }
    }
}
