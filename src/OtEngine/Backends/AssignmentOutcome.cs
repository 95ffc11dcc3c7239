using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>What came of an assignment problem beside its matching and potentials. Blittable: <c>ot::assignment_outcome</c> of kernels/assignment.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AssignmentOutcome
{
    /// <summary>Rows scanned by all searches; pivots where exact transport stands in for the verb.</summary>
    public long Scans;

    /// <summary>The largest (u_i + v_j - C_ij) / (|u_i| + |v_j| + |C_ij|), or zero; of a problem that was solved.</summary>
    public double LargestViolation;

    /// <summary>Rows inserted: all of them, unless the problem is infeasible.</summary>
    public int Inserted;

    /// <summary>Nonzero when every assignment uses a forbidden pair.</summary>
    public int Infeasible;
}
