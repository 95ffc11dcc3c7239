using System.Globalization;
using System.Numerics;

namespace OtEngine;

/// <summary>
/// The atoms of one problem that have mass, and their masses: in double as given, and as exactly balanced integers. The
/// arrays are reused from problem to problem.
/// </summary>
internal sealed class ExactSupport<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private int[] _sources = [];
    private int[] _sinks = [];
    private double[] _a = [];
    private double[] _b = [];
    private long[] _supplies = [];
    private long[] _demands = [];

    public int SourceCount { get; private set; }

    public int SinkCount { get; private set; }

    /// <summary>Atoms of side a with mass, increasing.</summary>
    public ReadOnlySpan<int> Sources => _sources.AsSpan(0, SourceCount);

    /// <summary>Atoms of side b with mass, increasing.</summary>
    public ReadOnlySpan<int> Sinks => _sinks.AsSpan(0, SinkCount);

    /// <summary>Weights of the sources.</summary>
    public ReadOnlySpan<double> A => _a.AsSpan(0, SourceCount);

    /// <summary>Weights of the sinks, rescaled to the total of the sources.</summary>
    public ReadOnlySpan<double> B => _b.AsSpan(0, SinkCount);

    /// <summary>Units of the sources; a solver uses them up.</summary>
    public Span<long> Supplies => _supplies.AsSpan(0, SourceCount);

    /// <summary>Units of the sinks; a solver uses them up.</summary>
    public Span<long> Demands => _demands.AsSpan(0, SinkCount);

    /// <summary>Total of the sources, and of the rescaled sinks.</summary>
    public double Mass { get; private set; }

    /// <summary>One unit weighs 2^-UnitExponent.</summary>
    public int UnitExponent { get; private set; }

    /// <summary>Takes the atoms with mass of a problem whose weights have been validated.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.TooLarge"/>: more atoms than a basis can hold.</exception>
    public void Take(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        SourceCount = Take(a, ExactScratch.Grow(ref _sources, a.Length), ExactScratch.Grow(ref _a, a.Length), out double totalA);
        SinkCount = Take(b, ExactScratch.Grow(ref _sinks, b.Length), ExactScratch.Grow(ref _b, b.Length), out double totalB);
        long nodes = (long)SourceCount + SinkCount + 1;
        if (nodes > Array.MaxLength / 2)
            Throw.TooLarge("The basis", nodes.ToString(CultureInfo.InvariantCulture), "use fewer atoms");
        Mass = totalA;
        if (totalB != totalA)
        {
            for (int j = 0; j < SinkCount; j++)
                _b[j] = _b[j] / totalB * totalA;
        }

        ExactScratch.Grow(ref _supplies, SourceCount);
        ExactScratch.Grow(ref _demands, SinkCount);
        UnitExponent = BalancedMasses.Scale(A, B, Mass, Supplies, Demands);
    }

    private static int Take(ReadOnlySpan<T> weights, int[] indices, double[] masses, out double total)
    {
        int count = 0;
        CompensatedSum sum = default;
        for (int i = 0; i < weights.Length; i++)
        {
            double mass = double.CreateTruncating(weights[i]);
            if (mass == 0)
                continue;
            indices[count] = i;
            masses[count++] = mass;
            sum.Add(mass);
        }

        total = sum.Value;
        return count;
    }
}
