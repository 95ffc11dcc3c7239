using System.Runtime.InteropServices;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::sweep_arguments</c> of kernels/common/sweep.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SweepArguments
{
    public DeviceTable Problems;
    public ulong States;
    public ulong Controls;
    public ulong Layouts;
    public ulong Stages;
    public ulong Potentials;
    public ulong Increments;
    public ulong Logarithms;
    public ulong ErrorsA;
    public ulong ErrorsB;
    public ulong FlagsA;
    public ulong FlagsB;
    public ulong Epsilons;
    public ulong Kernels;
    public ulong Partials;
    public long Half;
    public long Count;
}

/// <summary><c>ot::sweep_mode</c>.</summary>
internal enum SweepMode
{
    Sweep,
    Shifted,
    Ended,
}

/// <summary><c>ot::sweep_always</c>: why every sweep of a problem is taken by shifted sums.</summary>
internal enum SweepAlways
{
    Never,
    ByShares,
    ByAxes,
}

/// <summary><c>ot::sweep_control</c>: one a problem.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SweepControl
{
    public SweepMode Mode;
    public int Fresh;
    public int Parity;
    public SweepAlways AlwaysShifted;
    public long Left;
}

/// <summary><c>ot::sweep_layout</c>: where the sums of one problem lie.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SweepLayout
{
    public long Kernel;
    public long Partials;
    public int Parts;
    public int ErrorParts;
    public int PartRows;
    public int ColumnTiles;
}
