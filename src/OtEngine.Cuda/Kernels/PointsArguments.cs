using System.Runtime.InteropServices;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::points_arguments</c> of kernels/common/points.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PointsArguments
{
    public SweepArguments Sweep;
    public ulong Layouts;
    public ulong Means;
    public ulong Coordinates;
    public ulong Exponents;
    public ulong Partials;
    public ulong Norms;
    public int Side;
    public int Strict;
}

/// <summary><c>ot::points_layout</c>: where the numbers of one problem lie.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PointsLayout
{
    public long Means;
    public long CoordinatesA;
    public long CoordinatesB;
    public long Partials;
    public int Parts;
    public int PartColumns;
    public int PartRows;
    public int Products;
}
