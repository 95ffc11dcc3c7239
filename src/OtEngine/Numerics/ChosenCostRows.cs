using System.Numerics;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Stored costs between some of the atoms, read where they lie: for work that reads few of them.</summary>
/// <param name="costs">All costs, row-major.</param>
/// <param name="stride">Columns of all costs.</param>
/// <param name="sources">Rows of them.</param>
/// <param name="sinks">Columns of them.</param>
internal readonly struct ChosenCostRows<T>(T[] costs, int stride, int[] sources, int[] sinks) : ICostRows
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public int Rows => sources.Length;

    public int Columns => sinks.Length;

    public double Cost(int i, int j) => double.CreateTruncating(costs[(sources[i] * stride) + sinks[j]]);

    public Vector512<double> Load(int i, int j) => Vector512.Create(
        Cost(i, j), Cost(i, j + 1), Cost(i, j + 2), Cost(i, j + 3), Cost(i, j + 4), Cost(i, j + 5), Cost(i, j + 6), Cost(i, j + 7));
}
