using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot doctor</c>: what the engine finds on this machine, what it chose, and why.</summary>
internal sealed class DoctorCommand(CommonOptions common, Terminal terminal)
    : EngineCommand("doctor", "Show what was found on this machine, which backend is chosen, and why.", "ot doctor --json", common, terminal)
{
    /// <summary>Why no CUDA device can be used.</summary>
    public const string WhyNoCuda = "this build has no CUDA backend, only the CPU";

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        bool cudaAsked = session.Device.StartsWith("cuda", StringComparison.Ordinal);
        Report report = new();
        report.Title($"ot {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}");
        report.Text("device", "chosen backend", cudaAsked ? null : "cpu");
        report.Text("device_reason", "because", Reason(session.Device));
        report.List("backends", "backends of this build", ["cpu"]);
        report.Text("cuda", "CUDA", $"not available: {WhyNoCuda}; no library was tried");
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
        return (int)(cudaAsked ? ExitCode.DeviceOrMemory : ExitCode.Answered);
    }

    private static string Reason(string device) => device switch
    {
        "cpu" => "it was asked for",
        "auto" => WhyNoCuda,
        _ => $"{device} was asked for, but {WhyNoCuda}",
    };

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
