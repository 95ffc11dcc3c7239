using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The verb GromovConstants: sums along the rows and the columns of square matrices, in parts of rows whose columns lie side by side.</summary>
/// <remarks>In bounds: matrices and vectors lie within their buffers, which is checked.</remarks>
internal static unsafe class GromovConstants
{
    private const int PartRows = 64;

    public static void Run<T>(
        ReadOnlySpan<GromovInner> inners, HostBuffer<T> costs, HostBuffer<double> weights, HostBuffer<double> constants, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (GromovInner inner in inners)
        {
            inner.RequireWithin(costs.Length, Math.Min(weights.Length, constants.Length));
            int parts = (inner.Size + PartRows - 1) / PartRows;
            int lanes = (long)inner.Size * inner.Size < TableLoop.SpreadFrom / 4 ? 1 : Math.Min(execution.Threads, parts);
            PartLoop.Run(
                parts,
                lanes,
                new PartTask<T>(inner, costs.Start + inner.Costs, weights.Start + inner.Weights, constants.Start + inner.Weights, execution.Cancellation));
            execution.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static double Value(GromovFunction function, double x) => function switch
    {
        GromovFunction.Square => x * x,
        GromovFunction.Entropy => (x * Math.Log(x + GromovInner.Shift)) - x,
        _ => x,
    };

    private readonly struct PartTask<T>(GromovInner inner, T* costs, double* weights, double* constants, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _costs = costs;
        private readonly double* _weights = weights;
        private readonly double* _constants = constants;

        public void Run(int part, int lane)
        {
            int first = part * PartRows;
            int count = Math.Min(PartRows, inner.Size - first);
            Span<double> sums = stackalloc double[PartRows];
            sums.Clear();
            for (int k = 0; k < inner.Size && !cancellation.IsCancellationRequested; k++)
            {
                double weight = _weights[k];
                if (weight == 0)
                    continue;
                T* across = _costs + ((long)k * inner.Size) + first;
                T* down = _costs + ((long)first * inner.Size) + k;
                for (int i = 0; i < count; i++)
                {
                    double both = Value(inner.Function, double.CreateTruncating(across[i])) + Value(inner.Function, double.CreateTruncating(down[(long)i * inner.Size]));
                    sums[i] = Math.FusedMultiplyAdd(weight, both, sums[i]);
                }
            }

            for (int i = 0; i < count; i++)
                _constants[first + i] = sums[i] / 2;
        }
    }
}
