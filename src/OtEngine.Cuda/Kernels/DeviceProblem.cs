using System.Runtime.InteropServices;

namespace OtEngine.Cuda.Kernels;

/// <summary>One row of a table, resolved to addresses of the device: <c>ot::problem</c> of kernels/common/problem.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DeviceProblem
{
    public int Rows;
    public int Columns;
    public DeviceGeometryKind Geometry;
    public CostKind Cost;
    public int Dimension;
    public int Wide;
    public double Norm;
    public double Exponent;
    public ulong Costs;
    public ulong X;
    public ulong Y;
    public ulong Grid;
    public ulong A;
    public ulong B;
    public ulong LogA;
    public ulong LogB;
    public long PotentialsA;
    public long PotentialsB;
}

/// <summary><c>ot::geometry_kind</c>.</summary>
internal enum DeviceGeometryKind
{
    Dense,
    Points,
    Grid,
}

/// <summary>The problems of a launch: <c>ot::table</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DeviceTable
{
    public ulong Problems;
    public ulong Tiles;
    public ulong Chosen;
    public long Count;
}

/// <summary>A separable cost: <c>ot::grid_description</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DeviceGrid
{
    public int Axes;
    public fixed int ShapeA[GridGeometry<float>.MostAxes];
    public fixed int ShapeB[GridGeometry<float>.MostAxes];
    public fixed ulong Costs[GridGeometry<float>.MostAxes];
}
