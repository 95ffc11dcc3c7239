using OtEngine.Backends;

namespace OtEngine;

/// <summary>What solved one assignment problem of at most as many rows as columns, costs minimized.</summary>
/// <param name="Matching">The column of each row.</param>
/// <param name="U">Potentials of the rows.</param>
/// <param name="V">Potentials of the columns.</param>
/// <param name="Outcome">What else came of it.</param>
internal sealed record AssignmentAnswer(int[] Matching, double[] U, double[] V, AssignmentOutcome Outcome);
