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
    private int _rows;
    private int _columns;
    private int _sourceCount;
    private int _sinkCount;

    /// <summary>Atoms of side a with mass, increasing.</summary>
    public ReadOnlySpan<int> Sources => _sources.AsSpan(0, _sourceCount);

    /// <summary>Atoms of side b with mass, increasing.</summary>
    public ReadOnlySpan<int> Sinks => _sinks.AsSpan(0, _sinkCount);

    /// <summary>Atoms of side a without mass, increasing.</summary>
    public ReadOnlySpan<int> MasslessSources => _sources.AsSpan(_sourceCount, _rows - _sourceCount);

    /// <summary>Atoms of side b without mass, increasing.</summary>
    public ReadOnlySpan<int> MasslessSinks => _sinks.AsSpan(_sinkCount, _columns - _sinkCount);

    /// <summary>a_i / sum a of the sources.</summary>
    public ReadOnlySpan<double> A => _a.AsSpan(0, _sourceCount);

    /// <summary>b_j / sum b of the sinks.</summary>
    public ReadOnlySpan<double> B => _b.AsSpan(0, _sinkCount);

    /// <summary>Takes the atoms with mass of a problem whose weights have been validated.</summary>
    public void Take(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        (_rows, _columns) = (a.Length, b.Length);
        _sourceCount = Take(a, ref _sources, ref _a);
        _sinkCount = Take(b, ref _sinks, ref _b);
    }

    /// <summary>Lists the atoms with mass, and behind them those without.</summary>
    private static int Take(ReadOnlySpan<T> weights, ref int[] indices, ref double[] shares)
    {
        if (indices.Length < weights.Length)
        {
            indices = new int[weights.Length];
            shares = new double[weights.Length];
        }

        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        int massive = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            // A share that underflows is no mass at all.
            double share = double.CreateTruncating(weights[i]) / total.Value;
            if (share == 0)
                continue;
            indices[massive] = i;
            shares[massive++] = share;
        }

        int next = massive;
        int taken = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (taken < massive && indices[taken] == i)
                taken++;
            else
                indices[next++] = i;
        }

        return massive;
    }
}
