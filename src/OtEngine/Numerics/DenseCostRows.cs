using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Stored costs, row-major without padding.</summary>
internal readonly struct DenseCostRows<T>(T[] costs, int rows, int columns) : ICostRows
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public int Rows => rows;

    public int Columns => columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int i, int j) => double.CreateTruncating(costs[(i * columns) + j]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Load(int i, int j)
    {
        // In bounds: rows * columns is the array's length, i < rows and j + 8 <= columns.
        ref T start = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(costs), (nint)(uint)((i * columns) + j));
        if (typeof(T) == typeof(double))
            return Vector512.LoadUnsafe(ref Unsafe.As<T, double>(ref start));
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.As<T, float>(ref start)));
        return Vector512.Create(lower, upper);
    }
}
