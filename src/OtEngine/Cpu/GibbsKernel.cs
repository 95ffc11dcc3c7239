using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// K_ij = exp(-(C_ij - f0_i - g0_j) / eps) of a whole dense geometry, with f0 and g0 its hard c-transforms of zero: what all histograms on
/// one cost share. It exists where no entry of it is flushed to zero: then scalings alone carry a solve.
/// Source: M. Cuturi, Sinkhorn distances, NIPS 2013.
/// </summary>
internal sealed unsafe class GibbsKernel<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows and columns are padded to this with zeros.</summary>
    public const int Padding = 16;

    /// <summary>Problems of no more costs are solved on their atoms with mass alone, in the first caches.</summary>
    private const long SmallCosts = 1 << 14;

    private readonly HostBuffer<T> _kernel;

    private GibbsKernel(int rows, int columns)
    {
        Rows = rows;
        Columns = columns;
        PaddedRows = RoundUp(rows);
        Stride = RoundUp(columns);
        F = new double[rows];
        G = new double[columns];
        _kernel = new HostBuffer<T>((long)PaddedRows * Stride);
    }

    public int Rows { get; }

    public int Columns { get; }

    public int PaddedRows { get; }

    public int Stride { get; }

    /// <summary>log2 e / eps.</summary>
    public double Scale { get; private set; }

    /// <summary>f0_i = min_j C_ij.</summary>
    public double[] F { get; }

    /// <summary>g0_j = min_i (C_ij - f0_i).</summary>
    public double[] G { get; }

    /// <summary>Bytes of K.</summary>
    public long Bytes => _kernel.Length * sizeof(T);

    /// <summary>K, row-major by the stride.</summary>
    public T* Start => _kernel.Start;

    /// <summary>log2 of the largest ratio of entries: entries stay far from the least normal number.</summary>
    private static double MostExponent => typeof(T) == typeof(float) ? 115 : 900;

    /// <summary>Whether a geometry is of the kind and size that may share a kernel; its costs decide.</summary>
    public static bool IsCandidate(Geometry<T> geometry, long budget)
    {
        long costs = (long)geometry.Rows * geometry.Columns;
        long elements = (long)RoundUp(geometry.Rows) * RoundUp(geometry.Columns);
        return geometry is DenseGeometry<T> && costs > SmallCosts && elements <= budget / sizeof(T);
    }

    /// <summary>The kernel of a candidate, or null if its costs span too much at this eps.</summary>
    public static GibbsKernel<T>? Of(DenseGeometry<T> geometry, double epsilon, CancellationToken cancellation)
    {
        double scale = 1 / (epsilon * SinkhornSweep.Ln2);
        DenseCostRows<T> rows = new(geometry.Costs, geometry.Rows, geometry.Columns);
        GibbsKernel<T> kernel = new(geometry.Rows, geometry.Columns) { Scale = scale };
        try
        {
            if (kernel.Fold(rows, cancellation) * scale <= MostExponent)
            {
                kernel.Fill(rows, cancellation);
                return kernel;
            }
        }
        catch
        {
            kernel.Dispose();
            throw;
        }

        kernel.Dispose();
        return null;
    }

    public void Dispose() => _kernel.Dispose();

    private static int RoundUp(int count) => checked(count + Padding - 1) / Padding * Padding;

    /// <summary>Takes row and column parts out of C; gives the largest entry left.</summary>
    private double Fold(in DenseCostRows<T> rows, CancellationToken cancellation)
    {
        for (int i = 0; i < Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            F[i] = CostRowsOperations.Minimum(rows, i, G, 0);
        }

        Array.Fill(G, double.PositiveInfinity);
        for (int i = 0; i < Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.LowerColumns(rows, i, F[i], G);
        }

        double largest = 0;
        for (int i = 0; i < Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int j = 0; j < Columns; j++)
                largest = Math.Max(largest, rows.Cost(i, j) - F[i] - G[j]);
        }

        return largest;
    }

    private void Fill(in DenseCostRows<T> rows, CancellationToken cancellation)
    {
        using HostBuffer<double> scaled = new(Stride);
        double* shifts = scaled.Start;
        for (int j = 0; j < Stride; j++)
            shifts[j] = j < Columns ? G[j] * Scale : 0;
        for (int i = 0; i < Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            KernelRows.Fill(rows, i, Scale, F[i] * Scale, shifts, Start + ((long)i * Stride), Stride);
        }

        System.Runtime.InteropServices.NativeMemory.Clear(Start + ((long)Rows * Stride), (nuint)(PaddedRows - Rows) * (nuint)Stride * (nuint)sizeof(T));
    }
}
