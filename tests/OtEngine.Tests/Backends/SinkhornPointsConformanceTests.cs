using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests.Backends;

/// <inheritdoc/>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornPointsConformanceTests<T> : SinkhornPointsConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>;
