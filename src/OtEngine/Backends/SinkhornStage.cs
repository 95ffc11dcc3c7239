using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>One stage of a schedule: sweep at this regularisation until both errors meet the tolerance or the limit is reached. Blittable.</summary>
/// <param name="Epsilon">Regularisation in cost units.</param>
/// <param name="SweepLimit">Most sweeps of the stage.</param>
/// <param name="Tolerance">L1 marginal errors over the mass that end the stage; 0 never does.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SinkhornStage(double Epsilon, long SweepLimit, double Tolerance);
