using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// The kernels: a family is loaded when its first entry is asked for, from the image embedded in this assembly that
/// suits the device best.
/// </summary>
internal sealed unsafe class KernelModules(CudaContext context, int capability) : IDisposable
{
    private readonly Lock _loading = new();
    private readonly Dictionary<string, KernelModuleHandle> _modules = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Family, string Entry), CudaFunction> _functions = [];

    public CudaFunction Function(string family, string entry)
    {
        if (_functions.TryGetValue((family, entry), out CudaFunction? known))
            return known;
        lock (_loading)
        {
            if (!_modules.TryGetValue(family, out KernelModuleHandle? module))
                _modules.Add(family, module = Load(family));
            using CudaContext.Scope scope = context.Enter();
            nint handle = 0;
            fixed (byte* name = Encoding.UTF8.GetBytes(entry + '\0'))
                context.Check(context.Driver.Module.cuModuleGetFunction(&handle, module.Value, name), "cuModuleGetFunction", $"{entry} of {family}");
            return _functions.GetOrAdd((family, entry), new CudaFunction(context, handle, entry));
        }
    }

    public void Dispose()
    {
        foreach (KernelModuleHandle module in _modules.Values)
            module.Dispose();
    }

    private KernelModuleHandle Load(string family)
    {
        string[] images = KernelImages.Choose(KernelImages.All, family, capability);
        if (images.Length == 0)
            throw new CudaException($"There are no kernels {family} for devices of compute capability {capability / 10}.{capability % 10}; 7.5 is the least supported.");
        using CudaContext.Scope scope = context.Enter();
        foreach (string image in images)
        {
            nint handle = 0;
            CudaResult result;
            fixed (byte* start = KernelImages.Read(image))
                result = context.Driver.Module.cuModuleLoadDataEx(&handle, start, 0, null, null);

            // A driver that does not take machine code compiles the PTX.
            if (KernelImages.IsMachineCode(image) && image != images[^1] && result is CudaResult.NoBinaryForGpu or CudaResult.InvalidImage)
                continue;
            context.Check(result, "cuModuleLoadDataEx", image);
            return new KernelModuleHandle(context, handle);
        }

        throw new UnreachableException();
    }
}
