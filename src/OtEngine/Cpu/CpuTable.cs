using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>A table in host memory, where it already is, and the kernels that its problems share, made when first asked for.</summary>
internal sealed class CpuTable<T>(ProblemTable<T> table) : LoadedTable<T>(table)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Dictionary<(int Geometry, double Epsilon), GibbsKernel<T>?> _kernels = [];

    /// <summary>exp(-C / eps) of a geometry for all its histograms; null where the geometry or eps does not allow it.</summary>
    public GibbsKernel<T>? Kernel(int geometry, double epsilon, Execution execution)
    {
        if (!GibbsKernel<T>.IsCandidate(Table.Geometries[geometry], execution.CostMatrixBudget))
            return null;
        if (!_kernels.TryGetValue((geometry, epsilon), out GibbsKernel<T>? kernel))
        {
            kernel = GibbsKernel<T>.Of((DenseGeometry<T>)Table.Geometries[geometry], epsilon, execution.Cancellation);
            _kernels.Add((geometry, epsilon), kernel);
        }

        return kernel;
    }

    public override void Dispose()
    {
        foreach (GibbsKernel<T>? kernel in _kernels.Values)
            kernel?.Dispose();
        _kernels.Clear();
    }
}
