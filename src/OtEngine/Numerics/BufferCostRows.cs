using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Costs in native memory, row-major without padding.</summary>
/// <remarks>In bounds: a <see cref="BufferGeometry{T}"/> lies within its buffer, i is below the rows and j + 8 at most the columns.</remarks>
internal readonly unsafe struct BufferCostRows<T>(T* costs, int rows, int columns) : ICostRows
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T* _costs = costs;

    public int Rows => rows;

    public int Columns => columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int i, int j) => double.CreateTruncating(_costs[((long)i * columns) + j]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Load(int i, int j) => Widening.Load(_costs + ((long)i * columns) + j);
}
