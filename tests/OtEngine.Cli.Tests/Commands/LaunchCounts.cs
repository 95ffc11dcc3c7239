using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace OtEngine.Cli.Tests.Commands;

/// <summary>How often the host CUDA device has run each entry of the embedded PTX (native/include/ot_host_device.h).</summary>
internal static partial class LaunchCounts
{
    private delegate ulong Launched(byte[] name);

    /// <summary>By the name of the entry, all that the assembly of the kernels has.</summary>
    /// <param name="library">The host device, as the engine loads it.</param>
    public static Dictionary<string, ulong> Of(string library)
    {
        Launched launched = Marshal.GetDelegateForFunctionPointer<Launched>(NativeLibrary.GetExport(NativeLibrary.Load(library), "ot_host_launched"));
        System.Reflection.Assembly kernels = typeof(CudaEngineExtensions).Assembly;
        IEnumerable<string> entries = kernels.GetManifestResourceNames()
            .Where(name => name.EndsWith(".ptx", StringComparison.Ordinal))
            .SelectMany(name =>
            {
                using StreamReader reader = new(kernels.GetManifestResourceStream(name)!);
                return Entry().Matches(reader.ReadToEnd()).Select(match => match.Groups["name"].Value);
            });
        return entries.Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => launched(Encoding.UTF8.GetBytes(name + '\0')), StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\.visible \.entry (?<name>\w+)\(", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Entry();
}
