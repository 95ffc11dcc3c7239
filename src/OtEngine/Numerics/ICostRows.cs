using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>
/// Read access to a cost matrix by rows, whether stored or computed: the one place where loops over arcs meet the
/// geometry. Implementations are structs, so that every loop is compiled once for each kind of cost. All arithmetic
/// is in double, also for float inputs.
/// </summary>
internal interface ICostRows
{
    int Rows { get; }

    int Columns { get; }

    /// <summary>C[i, j].</summary>
    double Cost(int i, int j);

    /// <summary>C[i, j .. j + 7]; the caller has j + 8 at most <see cref="Columns"/>. Lane k has the bits of Cost(i, j + k).</summary>
    Vector512<double> Load(int i, int j);
}
