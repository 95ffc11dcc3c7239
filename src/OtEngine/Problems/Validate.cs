using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>The checks every input passes before a solver sees it.</summary>
internal static class Validate
{
    public static void Finite<T>(string what, ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (TensorPrimitives.IsFiniteAll(values))
            return;
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
                Throw.NotFinite(what, i, double.CreateChecked(values[i]));
        }
    }

    /// <summary>Checks a side's weights and returns their total, summed with compensation in double.</summary>
    public static double Weights<T>(string what, ReadOnlySpan<T> weights, int count, string because)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (weights.Length != count)
            Throw.ShapeMismatch(what, weights.Length, count, because);
        CompensatedSum total = default;
        for (int i = 0; i < weights.Length; i++)
        {
            double weight = double.CreateChecked(weights[i]);
            if (!double.IsFinite(weight))
                Throw.NotFinite(what, i, weight);
            if (weight < 0)
                Throw.NegativeWeight(what, i, weight);
            total.Add(weight);
        }

        if (total.Value == 0)
            Throw.ZeroMass(what);
        if (!double.IsFinite(total.Value))
            Throw.NotFinite($"The total of {what}", 0, total.Value);
        return total.Value;
    }

    public static void EqualTotals<T>(double totalA, double totalB)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double tolerance = ElementType.TotalsTolerance<T>();
        if (Math.Abs(totalA - totalB) > tolerance * Math.Max(totalA, totalB))
            Throw.UnequalTotals(totalA, totalB, tolerance);
    }

    public static void NoOverlap<T, TOther>(string first, ReadOnlySpan<T> firstSpan, string second, ReadOnlySpan<TOther> secondSpan)
        where T : unmanaged
        where TOther : unmanaged
    {
        if (System.Runtime.InteropServices.MemoryMarshal.AsBytes(firstSpan).Overlaps(System.Runtime.InteropServices.MemoryMarshal.AsBytes(secondSpan)))
            Throw.Overlap(first, second);
    }
}
