using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot doctor</c>: what the engine finds on this machine, what it chose, and why.</summary>
internal sealed class DoctorCommand(CommonOptions common, Terminal terminal)
    : EngineCommand("doctor", "Show what was found on this machine, which backend is chosen, and why.", "ot doctor --json", common, terminal)
{
    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        CudaInspection? cuda = session.Device.Asked == "cpu" ? null : session.Device.Inspect();
        bool isMissing = session.Device.IsCudaAsked && cuda?.Device is null;
        Report report = new();
        report.Title($"ot {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}");
        report.Text("device", "chosen backend", cuda?.Device is not null ? FormattableString.Invariant($"cuda:{session.Device.Ordinal}") : isMissing ? null : "cpu");
        report.Text("device_reason", "because", Reason(session.Device, cuda));
        report.List("backends", "backends of this build", ["cpu", "cuda"]);
        if (cuda is not null)
        {
            Describe(report, cuda);
            Describe(report, session.Device.InspectCublas(cuda.DriverVersion));
        }

        report.Count("simd_bits", "SIMD width in bits", SimdBits());
        report.List("instruction_sets", "instruction sets", InstructionSets());
        report.Text("architecture", "architecture", RuntimeInformation.ProcessArchitecture.ToString());
        report.Count("processors", "processors", Environment.ProcessorCount);
        report.Count("threads", "threads used", session.Threads);
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        report.Number("memory_gib", "memory for this process", memory / (double)(1L << 30), " GiB");
        report.Count("memory_bytes", null, memory);
        report.Text("runtime", ".NET", RuntimeInformation.FrameworkDescription);
        report.Text("operating_system", "operating system", RuntimeInformation.OSDescription);
        report.List("dtypes", "element types", ["float32", "float64"]);
        session.Send(report);
        return (int)(isMissing ? ExitCode.DeviceOrMemory : ExitCode.Answered);
    }

    private static string Reason(DeviceChoice asked, CudaInspection? cuda) => cuda switch
    {
        null => "it was asked for",
        { Device: not null } => "a CUDA device is there; exact transport of few atoms and the line run on the CPU",
        _ => asked.IsCudaAsked ? $"{asked.Asked} was asked for: {cuda.Reason}" : cuda.Reason!,
    };

    private static void Describe(Report report, CudaInspection cuda)
    {
        report.List("cuda_libraries", "CUDA libraries tried", [.. cuda.Searched.Select(Tried)]);
        report.Text("cuda_driver", "CUDA version of the driver", CudaInspection.Text(cuda.DriverVersion));
        report.Text("ptx", "PTX version of the kernels", CudaInspection.PtxVersion);
        report.Text("cuda_library", "CUDA driver's file", cuda.Library);
        report.Table(new ReportTable(
            "cuda_devices",
            [("device", "CUDA devices"), ("name", "name"), ("capability", "capability"), ("multiprocessors", "multiprocessors"), ("memory_bytes", null), ("memory_gib", "GiB")],
            [.. cuda.Devices.Select(Cells)]));
    }

    private static void Describe(Report report, CublasInspection cublas)
    {
        report.List("cublas_libraries", "cuBLAS libraries tried", [.. cublas.Searched.Select(Tried)]);
        report.Text("cublas", "cuBLAS, which may be missing", cublas.Version?.ToString());
        report.Text("cublas_library", "cuBLAS's file", cublas.Library);
    }

    private static string Tried(DriverSearch search) => $"{search.Path}: {search.Reason ?? "loaded"}";

    private static (object? Value, string Shown)[] Cells(DeviceLimits device, int ordinal)
    {
        string name = FormattableString.Invariant($"cuda:{ordinal}");
        string capability = FormattableString.Invariant($"{device.Capability / 10}.{device.Capability % 10}");
        double gib = Math.Round(device.TotalMemory / (double)(1L << 30), 1);
        return
        [
            (name, name), (device.Name, device.Name), (capability, capability), ((long)device.Multiprocessors, FormattableString.Invariant($"{device.Multiprocessors}")),
            (device.TotalMemory, ""), (gib, FormattableString.Invariant($"{gib}")),
        ];
    }

    private static int SimdBits() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static List<string> InstructionSets()
    {
        (string Name, bool IsSupported)[] sets =
        [
            ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("BMI2", Bmi2.IsSupported), ("AVX-512F", Avx512F.IsSupported), ("AVX-512DQ", Avx512DQ.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AdvSimd", AdvSimd.IsSupported),
        ];
        return [.. sets.Where(set => set.IsSupported).Select(set => set.Name)];
    }
}
