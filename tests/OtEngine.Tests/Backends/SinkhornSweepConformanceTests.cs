using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests.Backends;

/// <summary>As the backend under test chooses its kernels.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornSweepConformanceTests<T> : SinkhornSweepConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>;
