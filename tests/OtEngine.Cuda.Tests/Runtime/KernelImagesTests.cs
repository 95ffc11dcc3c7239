using NUnit.Framework;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Tests.Runtime;

internal sealed class KernelImagesTests
{
    private static readonly string[] Images =
    [
        "soft_min.compute_75.ptx", "soft_min.compute_80.ptx", "soft_min.compute_90a.ptx",
        "soft_min.sm_80.cubin", "soft_min.sm_86.cubin", "soft_min.sm_90a.cubin",
        "soft_min_other.compute_75.ptx",
    ];

    [TestCase(75, new[] { "soft_min.compute_75.ptx" })]
    [TestCase(80, new[] { "soft_min.sm_80.cubin", "soft_min.compute_80.ptx", "soft_min.compute_75.ptx" })]
    [TestCase(87, new[] { "soft_min.sm_86.cubin", "soft_min.sm_80.cubin", "soft_min.compute_80.ptx", "soft_min.compute_75.ptx" })]
    [TestCase(90, new[] { "soft_min.sm_90a.cubin", "soft_min.compute_90a.ptx", "soft_min.compute_80.ptx", "soft_min.compute_75.ptx" })]
    [TestCase(120, new[] { "soft_min.compute_80.ptx", "soft_min.compute_75.ptx" })]
    [TestCase(70, new string[0])]
    public void Choose_TakesMachineCodeOfTheSameMajorVersion_ThenPtxNoNewerThanTheDevice(int capability, string[] expected) =>
        Assert.That(KernelImages.Choose(Images, "soft_min", capability), Is.EqualTo(expected));

    [Test]
    public void All_HasPtxForTheLeastDevice_OfEveryFamily() => Assert.That(
        KernelImages.All.Where(KernelImages.IsPtx).Select(image => image[..image.IndexOf('.', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal),
        Has.All.Matches<string>(family => KernelImages.Choose(KernelImages.All, family, 75).Any(KernelImages.IsPtx)));
}
