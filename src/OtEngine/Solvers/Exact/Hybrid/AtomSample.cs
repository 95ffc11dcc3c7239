using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Some atoms of a side that stand for all of it. They are drawn evenly by mass (every (A / count)-th unit, in the order of
/// the atoms), so that heavy atoms are among them; then every atom's mass goes to the drawn one that is most like it, which
/// keeps the mass of each region as it is: the sampling noise of drawn masses would take many sweeps to correct. Drawn
/// without chance, so that a problem always gives the same sample.
/// </summary>
/// <param name="Atoms">Places among the atoms with mass, increasing.</param>
/// <param name="Shares">Their shares of the mass, which add up to one.</param>
internal sealed record AtomSample(int[] Atoms, double[] Shares)
{
    /// <param name="masses">Positive masses.</param>
    /// <param name="total">Their sum.</param>
    /// <param name="count">Atoms wanted, at most; all of them are taken if there are no more.</param>
    public static AtomSample Draw(ReadOnlySpan<double> masses, double total, int count)
    {
        int[] atoms = masses.Length <= count ? [.. Enumerable.Range(0, masses.Length)] : DrawPlaces(masses, total, count);
        double[] shares = new double[atoms.Length];
        for (int k = 0; k < shares.Length; k++)
            shares[k] = masses[atoms[k]] / total;
        return new AtomSample(atoms, shares);
    }

    private static int[] DrawPlaces(ReadOnlySpan<double> masses, double total, int count)
    {
        List<int> atoms = new(count);
        double passed = 0;
        int drawn = 0;
        for (int k = 0; k < masses.Length; k++)
        {
            passed += masses[k];
            int before = drawn;
            while (drawn < count && (drawn + 0.5) * total < passed * count)
                drawn++;
            if (drawn != before)
                atoms.Add(k);
        }

        return [.. atoms];
    }

    /// <summary>Gives every atom's mass to the drawn one whose costs to a few landmarks of the other side are the closest.</summary>
    /// <param name="landmarks">Costs, a row an atom.</param>
    /// <param name="masses">Masses of all atoms.</param>
    /// <param name="total">Their sum.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public void Gather(double[] landmarks, ReadOnlySpan<double> masses, double total, Execution execution)
    {
        int n = masses.Length;
        if (Atoms.Length == n)
            return;
        int d = landmarks.Length / n;
        int stride = PointCostRows<SquaredEuclideanCost>.Stride(Atoms.Length);
        double[] drawn = new double[stride * d];
        for (int k = 0; k < Atoms.Length; k++)
        {
            for (int c = 0; c < d; c++)
                drawn[(c * stride) + k] = landmarks[(Atoms[k] * d) + c];
        }

        PointCostRows<SquaredEuclideanCost> rows = new(default, landmarks, drawn, n, Atoms.Length, d);
        int[] nearest = new int[n];
        SoftMin.Rows(rows, d, new double[Atoms.Length], new double[n], nearest, execution);
        Array.Clear(Shares);
        for (int i = 0; i < n; i++)
            Shares[nearest[i]] += masses[i] / total;
    }
}
