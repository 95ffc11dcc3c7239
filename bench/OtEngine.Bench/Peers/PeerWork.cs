namespace OtEngine.Bench.Peers;

/// <summary>What is timed of one row.</summary>
/// <param name="Solve">Solves the row: its value, and sum (i + 1)(j + 1) over the pairs of an assignment, else 0.</param>
/// <param name="SolveOff">Of a row timed by the iteration, a call of fewer iterations whose time is taken off; else null.</param>
/// <param name="Units">Iterations by which the two differ; 1 without the second.</param>
internal readonly record struct PeerWork(Func<(double Value, long Checksum)> Solve, Func<(double Value, long Checksum)>? SolveOff = null, int Units = 1);
