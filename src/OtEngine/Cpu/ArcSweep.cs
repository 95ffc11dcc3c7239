using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// Half a Sinkhorn sweep in the log domain over few arcs: to_v = -eps ln sum_k w_k exp((from_k - C_vk) / eps) over the arcs of
/// v. Where eps is small all other arcs weigh nothing, and a sweep costs what these do and not n m. Terms are differences in
/// double, their exponentials float: good for seven digits, whatever the potentials are made for corrects the rest.
/// </summary>
internal sealed class ArcSweep(CancellationToken cancellation)
{
    /// <summary>Atoms between two looks at the cancellation.</summary>
    private const int Watch = 1 << 10;

    private double[] _shifted = [];
    private double[] _terms = [];
    private double[] _minima = [];
    private double[] _sums = [];

    /// <summary>Mean of 1 / max_k p_k, with p the distribution of v over its arcs: about how many arcs share the mass of an atom.</summary>
    public double Neighbours { get; private set; }

    /// <summary>Over listed arcs. An atom without arcs keeps its value.</summary>
    /// <param name="arcs">One list for each v.</param>
    /// <param name="from">Potentials of the other side.</param>
    /// <param name="logWeights">Logarithms of their weights.</param>
    /// <param name="weights">Weights of this side, of total one; of the mean.</param>
    /// <param name="epsilon">eps.</param>
    /// <param name="to">Receives the potentials of this side.</param>
    public void Update(
        ArcTable arcs, ReadOnlySpan<double> from, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> weights, double epsilon, Span<double> to)
    {
        Span<double> shifted = Shift(from, logWeights, epsilon);
        double scale = Begin(to, epsilon);
        for (int v = 0; v < to.Length; v++)
        {
            if (v % Watch == 0)
                cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> ends = arcs.EndsOf(v);
            ReadOnlySpan<double> costs = arcs.CostsOf(v);
            if (ends.IsEmpty)
                continue;
            _minima[v] = Sum(Fill(ends, costs, shifted), scale, out _sums[v]);
        }

        Finish(weights, epsilon, to);
    }

    /// <summary>The same over all pairs of a small stored matrix, one row for each v.</summary>
    public void Update(
        ReadOnlySpan<double> costs, ReadOnlySpan<double> from, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> weights, double epsilon, Span<double> to)
    {
        Span<double> shifted = Shift(from, logWeights, epsilon);
        Span<double> terms = Terms(from.Length);
        double scale = Begin(to, epsilon);
        cancellation.ThrowIfCancellationRequested();
        for (int v = 0; v < to.Length; v++)
        {
            TensorPrimitives.Subtract(costs.Slice(v * from.Length, from.Length), shifted, terms);
            _minima[v] = Sum(terms, scale, out _sums[v]);
        }

        Finish(weights, epsilon, to);
    }

    private Span<double> Shift(ReadOnlySpan<double> from, ReadOnlySpan<double> logWeights, double epsilon)
    {
        Span<double> shifted = ExactScratch.Grow(ref _shifted, from.Length).AsSpan(0, from.Length);
        TensorPrimitives.MultiplyAdd(logWeights, epsilon, from, shifted);
        return shifted;
    }

    /// <summary>Room for so many terms; what is left of the last pair of vectors is infinite, and adds nothing.</summary>
    private Span<double> Terms(int count)
    {
        int pair = 2 * Vector512<double>.Count;
        ExactScratch.Grow(ref _terms, count + pair).AsSpan(count, pair).Fill(double.PositiveInfinity);
        return _terms.AsSpan(0, count);
    }

    private double Begin(ReadOnlySpan<double> to, double epsilon)
    {
        to.CopyTo(ExactScratch.Grow(ref _minima, to.Length));
        ExactScratch.Grow(ref _sums, to.Length).AsSpan(0, to.Length).Fill(1);
        return 1 / (epsilon * SinkhornSweep.Ln2);
    }

    /// <summary>to = minimum - eps ln sum, all at once.</summary>
    private void Finish(ReadOnlySpan<double> weights, double epsilon, Span<double> to)
    {
        Span<double> sums = _sums.AsSpan(0, to.Length);
        Neighbours = TensorPrimitives.Dot(weights[..to.Length], sums);
        TensorPrimitives.Log(sums, sums);
        TensorPrimitives.MultiplyAdd(sums, -epsilon, _minima.AsSpan(0, to.Length), to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Span<double> Fill(ReadOnlySpan<int> ends, ReadOnlySpan<double> costs, ReadOnlySpan<double> shifted)
    {
        Span<double> terms = Terms(ends.Length);

        // In bounds: ends are places in shifted.
        ref double from = ref MemoryMarshal.GetReference(shifted);
        for (int k = 0; k < terms.Length; k++)
            terms[k] = costs[k] - Unsafe.Add(ref from, ends[k]);
        return terms;
    }

    /// <summary>The least term, and the sum of exp((least - t) / eps).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum(ReadOnlySpan<double> terms, double scale, out double sum)
    {
        int width = Vector512<double>.Count;

        // In bounds: terms come from Terms, with a pair of vectors behind them.
        ref double start = ref MemoryMarshal.GetReference(terms);
        Vector512<double> minima = Vector512.LoadUnsafe(ref start);
        for (int k = width; k < terms.Length; k += width)
            minima = Vector512.MinNative(Vector512.LoadUnsafe(ref start, (nuint)k), minima);
        Vector256<double> four = Vector256.MinNative(minima.GetLower(), minima.GetUpper());
        Vector128<double> two = Vector128.MinNative(four.GetLower(), four.GetUpper());
        double minimum = Math.Min(two[0], two[1]);

        Vector512<double> least = Vector512.Create(minimum);
        Vector512<double> scales = Vector512.Create(scale);
        Vector512<float> sums = Vector512<float>.Zero;
        for (int k = 0; k < terms.Length; k += 2 * width)
        {
            Vector512<double> lower = (least - Vector512.LoadUnsafe(ref start, (nuint)k)) * scales;
            Vector512<double> upper = (least - Vector512.LoadUnsafe(ref start, (nuint)(k + width))) * scales;
            sums += VectorMath.Exp2(Vector512.Narrow(lower, upper));
        }

        sum = Vector512.Sum(sums);
        return minimum;
    }
}
