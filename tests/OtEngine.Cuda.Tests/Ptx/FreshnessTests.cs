using System.Text;
using NUnit.Framework;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>The PTX that is checked in is that of the sources beside it; without nvcc.</summary>
internal sealed class FreshnessTests
{
    /// <summary>What CUDA 12.4 writes; another compiler's PTX is not for checking in.</summary>
    private const string PinnedVersion = "8.4";

    private const string Remedy = "run tools/build-ptx.sh";

    public static string[] Families => KernelFolder.Families;

    [TestCaseSource(nameof(Families))]
    public void Ptx_IsMadeFromTheSourcesAsTheyAre(string family)
    {
        foreach (string architecture in KernelFolder.Architectures(family))
        {
            var module = new PtxModule(KernelFolder.Ptx($"{family}.{architecture}.ptx"));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(module.Hash, Is.EqualTo(KernelFolder.Hash(family, architecture)), $"{family}.{architecture}.ptx is stale: {Remedy} {family}");
                Assert.That((module.Family, module.Architecture, module.Version), Is.EqualTo((family, architecture, PinnedVersion)));
            }
        }
    }

    [Test]
    public void Ptx_IsThereForEveryKernelFileAndNoOther() => Assert.That(
        KernelFolder.PtxFiles,
        Is.EquivalentTo(KernelFolder.Families.SelectMany(family => KernelFolder.Architectures(family).Select(architecture => $"{family}.{architecture}.ptx"))),
        Remedy);

    [Test]
    public void Ptx_InTheAssemblyIsWhatIsCheckedIn()
    {
        string[] embedded = [.. KernelImages.All.Where(KernelImages.IsPtx)];
        Assert.That(embedded, Is.EquivalentTo(KernelFolder.PtxFiles));
        foreach (string name in embedded)
            Assert.That(Encoding.UTF8.GetString(KernelImages.Read(name)) == KernelFolder.Ptx(name) + '\0', $"{name}: build OtEngine.Cuda again");
    }

    [Test]
    public void Ptx_NamesNothingOfTheMachineThatMadeIt()
    {
        foreach (string name in KernelFolder.PtxFiles)
            Assert.That(KernelFolder.Ptx(name), Does.Not.Contain(".cu").And.Not.Contain("NVIDIA").And.Not.Contain(".file").And.Not.Contain("\r"), name);
    }

    [Test]
    public void Hash_ChangesWithEverySourceAndFlag_AndNotWithLineEndings()
    {
        string hash = KernelFolder.Hash(["int x;\n", "int y;\n"], "-O3", "compute_75");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(KernelFolder.Hash(["int x;\r\n", "int y;\r\n"], "-O3", "compute_75"), Is.EqualTo(hash));
            Assert.That(KernelFolder.Hash(["int z;\n", "int y;\n"], "-O3", "compute_75"), Is.Not.EqualTo(hash));
            Assert.That(KernelFolder.Hash(["int x;\n", "int z;\n"], "-O3", "compute_75"), Is.Not.EqualTo(hash));
            Assert.That(KernelFolder.Hash(["int x;\n", "int y;\n"], "-O2", "compute_75"), Is.Not.EqualTo(hash));
            Assert.That(KernelFolder.Hash(["int x;\n", "int y;\n"], "-O3", "compute_80"), Is.Not.EqualTo(hash));
        }
    }
}
