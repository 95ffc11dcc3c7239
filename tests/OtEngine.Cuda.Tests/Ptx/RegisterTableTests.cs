using System.Globalization;
using NUnit.Framework;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>kernels/ptx/registers.csv: what the pinned compiler said of each entry on each device.</summary>
internal sealed class RegisterTableTests
{
    /// <summary>Registers that one thread can have.</summary>
    private const int MostRegisters = 255;

    /// <summary>Registers of a multiprocessor: a block of the entry's threads must fit.</summary>
    private const int RegisterFile = 65536;

    private const string Remedy = "run tools/build-ptx.sh";

    private static readonly RegisterRow[] Rows = RegisterRow.All;

    [Test]
    public void Heading_NamesTheColumns() => Assert.That(
        KernelFolder.Registers[0],
        Is.EqualTo("family,ptx,sources,device,entry,registers,spilled_bytes,local_bytes,shared_bytes,reason"));

    [Test]
    public void Table_HasEveryEntryOnEveryDeviceThatRunsIt_AndNothingElse()
    {
        var expected =
            from family in KernelFolder.Families
            from architecture in KernelFolder.Architectures(family)
            let module = Module(family, architecture)
            from device in KernelFolder.Devices
            where Runs(device, architecture)
            from entry in module.Entries
            select $"{family} {architecture} {module.Hash[..12]} {device} {entry.Name}";
        Assert.That(Rows.Select(row => $"{row.Family} {row.Architecture} {row.Sources} {row.Device} {row.Entry}"), Is.EquivalentTo(expected), Remedy);
    }

    [Test]
    public void NoEntrySpills() => Assert.That(Rows.Where(row => row.Spilled != 0).Select(row => $"{row.Entry} on {row.Device}"), Is.Empty);

    [Test]
    public void LocalMemory_HasAReason() =>
        Assert.That(Rows.Where(row => row.Local != 0 && row.Reason.Length == 0).Select(row => $"{row.Entry} on {row.Device}"), Is.Empty);

    [Test]
    public void Registers_OfABlock_FitAMultiprocessor()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (RegisterRow row in Rows)
            {
                int threads = Module(row.Family, row.Architecture).Entries.Single(entry => entry.Name == row.Entry).Threads;
                Assert.That(row.Registers, Is.InRange(1, Math.Min(MostRegisters, RegisterFile / threads)), $"{row.Entry} on {row.Device}");
            }
        }
    }

    [TestCase("sm_80", "compute_75", true)]
    [TestCase("sm_75", "compute_80", false)]
    [TestCase("sm_90a", "compute_80", true)]
    [TestCase("sm_90a", "compute_90a", true)]
    [TestCase("sm_89", "compute_90a", false)]
    public void Device_RunsPtxOfItsArchitectureAndOlder(string device, string architecture, bool runs) =>
        Assert.That(Runs(device, architecture), Is.EqualTo(runs));

    /// <summary>Whether a device runs PTX of an architecture; those that end in a letter are for that device alone.</summary>
    private static bool Runs(string device, string architecture)
    {
        string own = device["sm_".Length..];
        string other = architecture["compute_".Length..];
        return char.IsLetter(other[^1]) ? own == other : Number(own) >= Number(other);
    }

    private static int Number(string text) => int.Parse(text.TrimEnd('a'), CultureInfo.InvariantCulture);

    private static PtxModule Module(string family, string architecture) => new(KernelFolder.Ptx($"{family}.{architecture}.ptx"));
}
