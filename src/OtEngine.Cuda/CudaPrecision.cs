namespace OtEngine;

/// <summary>
/// How exactly a device makes the inner products of float points, under the squared Euclidean cost in more than 8 dimensions, whose matrix of costs is not
/// stored, on tensor cores (compute capability 8.0 on). Everything else, double above all, is the same with either: what is returned is
/// measured in double, and <see cref="SolveStatus"/> is about the points as they are.
/// </summary>
public enum CudaPrecision
{
    /// <summary>
    /// Each coordinate, about the mean of both clouds, is two TF32 numbers of 11 bits, and three products are made of them: as exact as float.
    /// </summary>
    Strict,

    /// <summary>
    /// One product, of coordinates rounded to 11 bits: a plan between points that are moved by up to 2^-12 of their distance from the mean in each
    /// coordinate. A tolerance below what this does to the marginals ends in <see cref="SolveStatus.Stalled"/>. A third of the products.
    /// </summary>
    Fast,
}
