namespace OtEngine.Tests;

/// <summary>Solves of <see cref="SmallProblem"/>, each with kernels or memory that the others do not need.</summary>
internal enum SmallSolve
{
    Dense,
    Points,
    Grid,
    Batch,
    Exact,
    DenseOfFloats,
    PointsOfFloats,
    GridOfFloats,
    BatchOfFloats,
}
