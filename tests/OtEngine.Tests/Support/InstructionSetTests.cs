using System.Runtime.Intrinsics;
using NUnit.Framework;

namespace OtEngine.Tests.Support;

/// <summary>The build runs these tests again with instructions switched off; here is seen that the switches still work.</summary>
public sealed class InstructionSetTests
{
    [Test]
    public void WithoutAvx512_NoVectorHas512Bits() =>
        Assert.That(IsOff("DOTNET_EnableAVX512") && Vector512.IsHardwareAccelerated, Is.False);

    [Test]
    public void WithoutAvx2_NoVectorHas256Bits() =>
        Assert.That(IsOff("DOTNET_EnableAVX2") && Vector256.IsHardwareAccelerated, Is.False);

    [Test]
    public void WithoutIntrinsics_NothingIsVectorised() =>
        Assert.That(IsOff("DOTNET_EnableHWIntrinsic") && Vector128.IsHardwareAccelerated, Is.False);

    private static bool IsOff(string name) => Environment.GetEnvironmentVariable(name) == "0";
}
