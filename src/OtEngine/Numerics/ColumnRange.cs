using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Columns <c>first .. first + count</c> of cost rows: what a tile of a larger loop works on.</summary>
internal readonly struct ColumnRange<TRows>(TRows rows, int first, int count) : ICostRows
    where TRows : struct, ICostRows
{
    public int Rows => rows.Rows;

    public int Columns => count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int i, int j) => rows.Cost(i, first + j);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Load(int i, int j) => rows.Load(i, first + j);
}
