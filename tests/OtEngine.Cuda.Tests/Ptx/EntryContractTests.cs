using System.Runtime.CompilerServices;
using NUnit.Framework;
using OtEngine.Cuda.Kernels;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>What launchers ask for and what the PTX has are the same; without a GPU.</summary>
internal sealed class EntryContractTests
{
    /// <summary>The entries that launchers hold, which are listed when their classes are initialised.</summary>
    private static KernelEntry[] Asked
    {
        get
        {
            foreach (Type type in typeof(KernelEntry).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters))
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            return [.. KernelEntry.All];
        }
    }

    [Test]
    public void EveryEntryThatALauncherAsksFor_IsInThePtx_WithItsArgumentsAndThreads()
    {
        KernelEntry[] asked = Asked;
        Assert.That(asked, Is.Not.Empty);
        using (Assert.EnterMultipleScope())
        {
            foreach (KernelEntry entry in asked)
            {
                foreach (string architecture in KernelFolder.Architectures(entry.Family))
                {
                    Dictionary<string, PtxEntry> declared = Module(entry.Family, architecture).Entries.ToDictionary(found => found.Name, StringComparer.Ordinal);
                    foreach (string name in Names(entry))
                    {
                        Assert.That(declared, Contains.Key(name), $"{entry.Family}.{architecture}.ptx");
                        if (!declared.TryGetValue(name, out PtxEntry? found))
                            continue;
                        Assert.That(found.ParameterBytes, Is.EqualTo([entry.ArgumentBytes]), $"{name}: bytes of its arguments in the PTX, and in C#");
                        Assert.That(found.Threads, Is.EqualTo(entry.Threads), $"{name}: threads of a block in the PTX, and in C#");
                    }
                }
            }
        }
    }

    [Test]
    public void EveryEntryInThePtx_IsAskedForByALauncher()
    {
        IEnumerable<string> declared = KernelFolder.Families.SelectMany(
            family => KernelFolder.Architectures(family).SelectMany(architecture => Module(family, architecture).Entries.Select(entry => entry.Name)));
        Assert.That(declared.Distinct(StringComparer.Ordinal), Is.EquivalentTo([.. Asked.SelectMany(Names)]));
    }

    [Test]
    public void EveryEntry_IsListedOnce() => Assert.That(Asked.SelectMany(Names), Is.Unique);

    private static string[] Names(KernelEntry entry) => entry.IsTyped ? [entry.Name + "_f32", entry.Name + "_f64"] : [entry.Name];

    private static PtxModule Module(string family, string architecture) => new(KernelFolder.Ptx($"{family}.{architecture}.ptx"));
}
