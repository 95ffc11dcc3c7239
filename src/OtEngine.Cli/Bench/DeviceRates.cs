using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cli.Bench;

/// <summary>The limits of a CUDA device, by kernels/limits.cu.</summary>
internal sealed class DeviceRates(CudaRuntime runtime) : BenchLimits
{
    private double _copied;
    private long _copiedBytes;
    private (double Single, double Double) _exponentials;
    private (double Single, double Double) _multiplyAdds;
    private double _products;

    /// <inheritdoc/>
    public override string Owner => $"limit of {runtime.Limits.Name}";

    /// <inheritdoc/>
    public override void Measure(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _copied = Limits.CopiedBytes(runtime, out _copiedBytes);
        cancellation.ThrowIfCancellationRequested();
        _exponentials = (Limits.Exponentials<float>(runtime), Limits.Exponentials<double>(runtime));
        cancellation.ThrowIfCancellationRequested();
        _multiplyAdds = (Limits.MultiplyAdds<float>(runtime), Limits.MultiplyAdds<double>(runtime));
        _products = Limits.ProductMultiplyAdds(runtime);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, double Rate, string Unit)> All()
    {
        yield return (FormattableString.Invariant($"copy of {_copiedBytes >> 20} MiB"), _copied, "B/s");
        yield return ("exp2, float32", _exponentials.Single, "exp/s");
        yield return ("exp2, float64", _exponentials.Double, "exp/s");
        yield return ("multiply-add, float32", _multiplyAdds.Single, "FMA/s");
        yield return ("multiply-add, float64", _multiplyAdds.Double, "FMA/s");
        if (!double.IsNaN(_products))
            yield return ("multiply-add on tensor cores, TF32", _products, "FMA/s");
    }

    /// <summary>Memory, powers of two, multiply-adds and tensor cores have units of their own, which work at once.</summary>
    public override (double Seconds, string Limit) Least(in BenchWork work, bool isFloat32)
    {
        bool single = isFloat32 && !work.InDouble;
        (double Seconds, string Limit)[] needs =
        [
            (work.Bytes / _copied, "reading"),
            (work.Exponentials / (single ? _exponentials.Single : _exponentials.Double), "exp2"),
            (work.MultiplyAdds / (single ? _multiplyAdds.Single : _multiplyAdds.Double), "multiply-add"),
            (work.Products > 0 ? work.Products / _products : 0, "tensor cores"),
        ];
        (double Seconds, string Limit) most = needs.MaxBy(need => need.Seconds);
        return most.Seconds > 0 ? most : (double.NaN, "-");
    }
}
