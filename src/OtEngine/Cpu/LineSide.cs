using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine.Cpu;

/// <summary>
/// One side of a problem on the line: its atoms in ascending order of position. Equal positions keep their order. Masses are
/// in the units of the coupling, chosen so that the running sums of both sides end alike; see <see cref="LineCoupling"/>.
/// </summary>
internal sealed class LineSide
{
    private readonly double[]? _weights;

    private LineSide(int[] order, double[] positions, double[]? weights)
    {
        Order = order;
        Positions = positions;
        _weights = weights;
    }

    public int Count => Order.Length;

    /// <summary>The index of the k-th atom from the left.</summary>
    public int[] Order { get; }

    public double[] Positions { get; }

    public bool IsUniform => _weights is null;

    /// <summary>What one unit of weight is in units of the coupling.</summary>
    public DoubleDouble Scale { get; set; } = 1;

    public static LineSide Of<T>(T[] positions, T[]? weights, double? circumference)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = positions.Length;
        int[] order = new int[n];
        SpreadSort sort = new();
        double[] sorted = new double[n];
        if (circumference is { } length)
        {
            double[] reduced = new double[n];
            for (int i = 0; i < n; i++)
                reduced[i] = Reduce(double.CreateChecked(positions[i]), length);
            sort.Sort<double>(reduced, sorted, order);
        }
        else if (typeof(T) == typeof(double))
        {
            sort.Sort<double>((double[])(object)positions, sorted, order);
        }
        else
        {
            T[] narrow = new T[n];
            sort.Sort<T>(positions, narrow, order);
            TensorPrimitives.ConvertChecked<T, double>(narrow, sorted);
        }

        double[]? sortedWeights = weights is null ? null : new double[n];
        for (int k = 0; k < n && weights is not null; k++)
            sortedWeights![k] = double.CreateChecked(weights[order[k]]);
        return new LineSide(order, sorted, sortedWeights);
    }

    /// <summary>The atoms with mass; of a circle's side, where an atom without mass would be a breakpoint without meaning.</summary>
    public LineSide WithoutMassless()
    {
        if (_weights is null || !_weights.AsSpan().Contains(0))
            return this;
        int[] kept = [.. Enumerable.Range(0, Count).Where(k => _weights[k] > 0)];
        return new LineSide(
            Array.ConvertAll(kept, k => Order[k]), Array.ConvertAll(kept, k => Positions[k]), Array.ConvertAll(kept, k => _weights[k]));
    }

    /// <summary>The mass of the k-th atom as given; one of a uniform side.</summary>
    public double Weight(int k) => _weights is null ? 1 : _weights[k];

    /// <summary>The mass of the k-th atom in units of the coupling.</summary>
    public DoubleDouble Mass(int k) => _weights is null ? Scale : Scale * _weights[k];

    public DoubleDouble TotalWeight()
    {
        if (_weights is null)
            return Count;
        DoubleDouble total = 0;
        foreach (double weight in _weights)
            total += weight;
        return total;
    }

    /// <summary>The position within [0, length).</summary>
    public static double Reduce(double position, double length)
    {
        double rest = position % length;
        double reduced = rest < 0 ? rest + length : rest;
        return reduced < length ? reduced : 0;
    }
}
