using System.Numerics;
using OtEngine.Cuda.Kernels;

namespace OtEngine.Cuda;

/// <summary>Costs, or points, that lie in device memory already: no backend but this one's can read them.</summary>
internal sealed class DeviceGeometry<T>(int rows, int columns, DeviceProblem problem) : Geometry<T>(rows, columns)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>What tables hold of it: the kind and the addresses.</summary>
    public DeviceProblem Problem { get; } = problem;

    public override double? MetricPower => null;
}
