using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb Multiply: parts of C, 64 x 128 each, one a lane at a time. Slices of the operands are packed so that
/// <see cref="MatrixTiles"/> reads them one after another; a sum goes through the slices in order, so that its bits are those of the plain loop.
/// </summary>
internal static unsafe class Multiply
{
    private const int PartRows = 64;
    private const int PartColumns = 128;

    /// <summary>Inner length of a slice: both slices of a part, in double, are 400 KB and stay in the second cache.</summary>
    private const int Depth = 256;

    /// <summary>Products of elements from which a batch is spread over threads: some 50 microseconds of work.</summary>
    private const long SpreadFrom = 1 << 21;

    private const int ScratchLength = (PartRows * Depth) + (Depth * PartColumns) + (PartRows * PartColumns);

    public static void Run<T>(
        ReadOnlySpan<MatrixProduct> products, HostBuffer<T> a, HostBuffer<T> b, HostBuffer<T> c, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] parts = new int[products.Length + 1];
        long terms = 0;
        for (int k = 0; k < products.Length; k++)
        {
            MatrixProduct product = products[k];
            product.RequireWithin(a.Length, b.Length, c.Length);
            parts[k + 1] = checked((int)(parts[k] + (Pieces(product.Rows, PartRows) * Pieces(product.Columns, PartColumns))));
            terms += (long)product.Rows * product.Columns * product.Inner;
        }

        int lanes = terms < SpreadFrom ? 1 : Math.Clamp(execution.Threads, 1, Math.Max(parts[^1], 1));
        using HostBuffer<T> scratch = new((long)lanes * ScratchLength);
        PartLoop.Run(parts[^1], lanes, new PartTask<T>(products.ToArray(), parts, a.Start, b.Start, c.Start, scratch.Start, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    private static long Pieces(int count, int size) => ((long)count + size - 1) / size;

    /// <remarks>In bounds: every matrix lies within its buffer, which was checked; a slice is rounded up to whole tiles and fits the scratch.</remarks>
    private readonly struct PartTask<T>(MatrixProduct[] products, int[] parts, T* a, T* b, T* c, T* scratch, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _c = c;
        private readonly T* _scratch = scratch;

        public void Run(int part, int lane)
        {
            if (cancellation.IsCancellationRequested)
                return;

            // The last of the products that begin at this part: those before it have no parts.
            int number = Array.BinarySearch(parts, part);
            number = number < 0 ? ~number - 1 : number;
            while (parts[number + 1] == part)
                number++;
            MatrixProduct product = products[number];
            int across = (int)Pieces(product.Columns, PartColumns);
            int row = (part - parts[number]) / across * PartRows;
            int column = (part - parts[number]) % across * PartColumns;
            int rows = Math.Min(PartRows, product.Rows - row);
            int columns = Math.Min(PartColumns, product.Columns - column);
            T* sliceA = _scratch + ((long)lane * ScratchLength);
            T* sliceB = sliceA + (PartRows * Depth);
            T* sums = sliceB + (Depth * PartColumns);
            new Span<T>(sums, PartRows * PartColumns).Clear();
            for (int k = 0; k < product.Inner && !cancellation.IsCancellationRequested; k += Depth)
            {
                int depth = Math.Min(Depth, product.Inner - k);
                MatrixTiles.Pack(
                    _a + product.A, product.TransposedA != 0 ? 1 : product.Inner, product.TransposedA != 0 ? product.Rows : 1, row, rows, k, depth, MatrixTiles.Rows, sliceA);
                MatrixTiles.Pack(
                    _b + product.B, product.TransposedB != 0 ? product.Inner : 1, product.TransposedB != 0 ? 1 : product.Columns, column, columns, k, depth, MatrixTiles.Columns<T>(), sliceB);
                for (int i = 0; i < rows; i += MatrixTiles.Rows)
                {
                    for (int j = 0; j < columns; j += MatrixTiles.Columns<T>())
                        MatrixTiles.Add(sliceA + ((long)i * depth), sliceB + ((long)j * depth), depth, sums + ((long)i * PartColumns) + j, PartColumns);
                }
            }

            T alpha = T.CreateTruncating(product.Alpha);
            T beta = T.CreateTruncating(product.Beta);
            for (int i = 0; i < rows; i++)
                MatrixTiles.Join(sums + ((long)i * PartColumns), columns, alpha, beta, _c + product.C + ((long)(row + i) * product.Columns) + column);
        }
    }
}
