using System.Numerics;

namespace OtEngine.Cpu;

/// <summary>The atoms of one problem that have mass, and their weights scaled to total one, in double. Reused from problem to problem.</summary>
internal sealed class EntropicSupport<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private int[] _sources = [];
    private int[] _sinks = [];
    private double[] _a = [];
    private double[] _b = [];
    private int _sourceCount;
    private int _sinkCount;

    /// <summary>Atoms of side a with mass, increasing.</summary>
    public ReadOnlySpan<int> Sources => _sources.AsSpan(0, _sourceCount);

    /// <summary>Atoms of side b with mass, increasing.</summary>
    public ReadOnlySpan<int> Sinks => _sinks.AsSpan(0, _sinkCount);

    /// <summary>a_i / sum a of the sources.</summary>
    public ReadOnlySpan<double> A => _a.AsSpan(0, _sourceCount);

    /// <summary>b_j / sum b of the sinks.</summary>
    public ReadOnlySpan<double> B => _b.AsSpan(0, _sinkCount);

    /// <summary>Takes the atoms with mass of a problem whose weights have been validated.</summary>
    public void Take(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        _sourceCount = Take(a, ref _sources, ref _a);
        _sinkCount = Take(b, ref _sinks, ref _b);
    }

    private static int Take(ReadOnlySpan<T> weights, ref int[] indices, ref double[] shares)
    {
        if (indices.Length < weights.Length)
        {
            indices = new int[weights.Length];
            shares = new double[weights.Length];
        }

        int count = 0;
        CompensatedSum total = default;
        for (int i = 0; i < weights.Length; i++)
        {
            double weight = double.CreateTruncating(weights[i]);
            if (weight == 0)
                continue;
            indices[count] = i;
            shares[count++] = weight;
            total.Add(weight);
        }

        // A share that underflows is no mass at all.
        int kept = 0;
        for (int k = 0; k < count; k++)
        {
            double share = shares[k] / total.Value;
            if (share == 0)
                continue;
            indices[kept] = indices[k];
            shares[kept++] = share;
        }

        return kept;
    }
}
