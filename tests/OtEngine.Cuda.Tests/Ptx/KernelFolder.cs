using System.Security.Cryptography;
using System.Text;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>The folder kernels/ of the repository, and what kernels/ptx/build.txt says of how its files become PTX.</summary>
internal static class KernelFolder
{
    private static readonly Lazy<string> Found = new(Find);
    private static readonly Lazy<string[]> Settings = new(() => File.ReadAllLines(Path.Combine(Found.Value, "ptx", "build.txt")));

    public static string[] Families => [.. Directory.GetFiles(Found.Value, "*.cu").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    public static string[] Devices => Setting("device");

    public static string Source(string family) => File.ReadAllText(Path.Combine(Found.Value, family + ".cu"));

    public static string Ptx(string file) => File.ReadAllText(Path.Combine(Found.Value, "ptx", file));

    public static string[] PtxFiles => [.. Directory.GetFiles(Path.Combine(Found.Value, "ptx"), "*.ptx").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    public static string[] Registers => File.ReadAllLines(Path.Combine(Found.Value, "ptx", "registers.csv"));

    /// <summary>The architectures a family is built for.</summary>
    public static string[] Architectures(string family) => [.. Setting("baseline"), .. Setting("variant " + family)];

    /// <summary>
    /// The hash of what a family's PTX is made from: its file, all of kernels/common in the order of their names, the flags and the
    /// architecture, without carriage returns. tools/build-ptx.sh takes the same.
    /// </summary>
    public static string Hash(string family, string architecture) => Hash(
        [Source(family), .. Directory.GetFiles(Path.Combine(Found.Value, "common"), "*.cuh").Order(StringComparer.Ordinal).Select(File.ReadAllText)],
        Setting("flags").Single(),
        architecture);

    public static string Hash(IEnumerable<string> sources, string flags, string architecture)
    {
        string all = $"{string.Concat(sources)}{flags} {architecture}".Replace("\r", "", StringComparison.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    private static string[] Setting(string name) =>
        [.. Settings.Value.Where(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..].Trim())];

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OtEngine.sln")))
                return Path.Combine(folder.FullName, "kernels");
        }

        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}
