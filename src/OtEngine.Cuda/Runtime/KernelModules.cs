using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// The kernels: a family is loaded when its first entry is asked for, from the PTX embedded in this assembly; of a family's variants the
/// newest that the device can run.
/// </summary>
internal sealed unsafe class KernelModules(CudaContext context, int capability) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<KernelModuleHandle>> _modules = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Family, string Entry), CudaFunction> _functions = [];

    public static IEnumerable<string> Resources => typeof(KernelModules).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".ptx", StringComparison.Ordinal));

    public CudaFunction Function(string family, string entry)
    {
        if (_functions.TryGetValue((family, entry), out CudaFunction? known))
            return known;
        Lazy<KernelModuleHandle> module = _modules.GetOrAdd(family, name => new Lazy<KernelModuleHandle>(() => Load(name), LazyThreadSafetyMode.PublicationOnly));
        using CudaContext.Scope scope = context.Enter();
        nint handle = 0;
        fixed (byte* name = Encoding.UTF8.GetBytes(entry + '\0'))
            context.Check(context.Driver.Module.cuModuleGetFunction(&handle, module.Value.Value, name), "cuModuleGetFunction", $"{entry} of {family}");
        return _functions.GetOrAdd((family, entry), new CudaFunction(context, handle, entry));
    }

    public void Dispose()
    {
        foreach (Lazy<KernelModuleHandle> module in _modules.Values)
        {
            if (module.IsValueCreated)
                module.Value.Dispose();
        }
    }

    /// <summary>The name of the image of a family for a device: family.compute_NN.ptx with the largest NN that it can run.</summary>
    public static string ImageOf(string family, int capability) => Resources
        .Where(name => name.StartsWith(family + ".compute_", StringComparison.Ordinal) && ArchitectureOf(name) <= capability)
        .MaxBy(ArchitectureOf) ?? throw new CudaException($"There are no kernels {family} for devices of compute capability {capability / 10}.{capability % 10}; 7.5 is the least supported.");

    private static int ArchitectureOf(string resource)
    {
        int start = resource.IndexOf(".compute_", StringComparison.Ordinal) + ".compute_".Length;
        return int.Parse(resource.AsSpan(start, resource.LastIndexOf('.') - start), CultureInfo.InvariantCulture);
    }

    private KernelModuleHandle Load(string family)
    {
        string image = ImageOf(family, capability);
        using Stream stream = typeof(KernelModules).Assembly.GetManifestResourceStream(image)!;
        byte[] text = new byte[stream.Length + 1];
        stream.ReadExactly(text, 0, text.Length - 1);
        using CudaContext.Scope scope = context.Enter();
        nint handle = 0;
        fixed (byte* start = text)
            context.Check(context.Driver.Module.cuModuleLoadDataEx(&handle, start, 0, null, null), "cuModuleLoadDataEx", image);
        return new KernelModuleHandle(context, handle);
    }
}
