var target = Argument("target", "Test");
var ci = EnvironmentVariable("CI") == "true";
var results = MakeAbsolute(Directory("artifacts/tests"));
var cubins = MakeAbsolute(Directory("artifacts/cubins"));
var engineTests = MakeAbsolute(File("tests/OtEngine.Tests/OtEngine.Tests.csproj"));

var cudaTests = MakeAbsolute(File("tests/OtEngine.Cuda.Tests/OtEngine.Cuda.Tests.csproj"));
var seed = EnvironmentVariable("OTENGINE_HOST_SEED") ?? "1";

// Every test as the machine is; where it has AVX-512, the engine's once more without, but for those of cancellation, memory and progress; those of
// loops over vectors without AVX2, and without any; those of the verbs on a host device that checks every access of the kernels, threads and streams in an
// order drawn from a seed; and what passes between engine and driver on one under the address checker, whose runtime has to be in the process before
// .NET is. The host device takes a hundred times as long as a CPU: laws are tried on fewer cases there.
const string WhatNotWhen = "FullyQualifiedName!~CancellationTests&FullyQualifiedName!~MemoryTests&FullyQualifiedName!~ProgressTests";
const string OfVectors = "TestCategory=Simd|FullyQualifiedName~Conformance|FullyQualifiedName~.Cpu.|FullyQualifiedName~Sliced|FullyQualifiedName~Gromov";
var fewer = new Dictionary<string, string> { ["OTENGINE_LAW_CASES"] = EnvironmentVariable("OTENGINE_LAW_CASES") ?? "6" };
var addressChecker = AddressChecker();
var narrowed = new List<(string Instructions, string Filter)> { ("EnableAVX2", OfVectors), ("EnableHWIntrinsic", OfVectors) };
if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
    narrowed.Insert(0, ("EnableAVX512", WhatNotWhen));
var runs = GetFiles("tests/*/*.Tests.csproj")
    .Select(project => new TestRun(project, "", "", project.FullPath == cudaTests.FullPath ? fewer : new Dictionary<string, string>()))
    .Concat(narrowed.Select(run =>
        new TestRun(engineTests, run.Instructions, run.Filter, new Dictionary<string, string> { [$"DOTNET_{run.Instructions}"] = "0", ["OTENGINE_FUZZ_SECONDS"] = "5" })))
    .Append(new TestRun(cudaTests, "Callbacks", "(FullyQualifiedName~Conformance&FullyQualifiedName!~RemoteHybrid)|FullyQualifiedName~EngineTests|FullyQualifiedName~DeviceSolveTests", new Dictionary<string, string>
    {
        ["OTENGINE_HOST_CUDA"] = MakeAbsolute(File("artifacts/native/callbacks/libothostcuda.so")).FullPath,
        ["OTENGINE_HOST_SEED"] = seed,
    }))
    .Concat(addressChecker is null ? [] : new[] { new TestRun(cudaTests, "Sanitizers", "FullyQualifiedName~Runtime|FullyQualifiedName~EngineTests|FullyQualifiedName~DeviceSolveTests", new Dictionary<string, string>
    {
        ["OTENGINE_HOST_CUDA"] = MakeAbsolute(File("artifacts/native/sanitizers/libothostcuda.so")).FullPath,
        ["OTENGINE_HOST_SEED"] = seed,
        ["OTENGINE_LAW_CASES"] = "2",
        ["LD_PRELOAD"] = addressChecker,

        // Faults that .NET turns into exceptions, and what it never frees, are none of the checker's business.
        ["ASAN_OPTIONS"] = "handle_segv=0:handle_sigfpe=0:use_sigaltstack=0:detect_leaks=0:detect_stack_use_after_return=0",
    }) });

Task("Build").Does(() => DotNetBuild("OtEngine.sln", new DotNetBuildSettings
{
    Configuration = "Release",
    NoLogo = true,
    Verbosity = DotNetVerbosity.Quiet,
    MSBuildSettings = Packaged(new DotNetMSBuildSettings().WithProperty("RestoreLockedMode", ci ? "true" : "false")),
}));

// Packages carry machine code beside the PTX where a CUDA compiler is at hand: no wait at the first launch, and drivers from 525 on.
Task("Cubins").Does(() =>
{
    CleanDirectory(cubins);
    var built = IsRunningOnWindows() ? 3 : StartProcess("tools/build-ptx.sh", new ProcessSettings
    {
        Arguments = new ProcessArgumentBuilder().Append("--to").Append("artifacts/ptx").Append("--cubins").AppendQuoted(cubins.FullPath),
    });
    if (built == 3)
        Warning("No CUDA compiler (tools/cuda-toolchain.sh): packages have PTX alone, which needs driver 550 and is compiled by it at the first launch.");
    else if (built != 0)
        throw new CakeException($"tools/build-ptx.sh ended with {built}.");
});

// The host CUDA device in its three builds, with the native tests of each. Without CMake or a C++ compiler the tests that need it are skipped.
Task("Native").Does(() =>
{
    if (IsRunningOnWindows() || Context.Tools.Resolve("cmake") is null)
    {
        Warning("No CMake: the host CUDA device is not built, and the tests on it are skipped.");
        return;
    }

    foreach (var check in new[] { "plain", "callbacks", "sanitizers" })
    {
        Must("cmake", $"-S . -B artifacts/build/{check} -DOT_CHECK={check}");
        Must("cmake", $"--build artifacts/build/{check} --parallel 2");
        Must("ctest", $"--test-dir artifacts/build/{check} --output-on-failure");
    }
});

Task("Clean results").Does(() => CleanDirectory(results));

// The host device's tests keep one core busy; the others run beside them.
Task("Test").IsDependentOn("Clean results").IsDependentOn("Native").IsDependentOn("Build").Does(() =>
{
    var failures = new System.Collections.Concurrent.ConcurrentBag<Exception>();
    System.Threading.Tasks.Parallel.ForEach(runs.GroupBy(run => run.Project.FullPath == cudaTests.FullPath), lane =>
    {
        foreach (var run in lane)
        {
            try
            {
                Run(run);
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }
    });
    if (!failures.IsEmpty)
        throw new AggregateException(failures);
});

void Run(TestRun run)
{
    var settings = new DotNetTestSettings
    {
        Configuration = "Release", NoBuild = true, NoLogo = true, ResultsDirectory = results, Filter = run.Filter, EnvironmentVariables = run.Variables,
    };
    settings.Loggers.Add($"trx;LogFileName={run.Project.GetFilenameWithoutExtension()}{run.Suffix}.trx");
    Information($"{run.Project.GetFilenameWithoutExtension()} {run.Suffix}");
    DotNetTest(run.Project.FullPath, settings);
}

Task("Bench").Does(() => DotNetRun(
    "bench/OtEngine.Bench",
    new ProcessArgumentBuilder().Append("--filter").AppendQuoted(Argument("filter", "*")),
    new DotNetRunSettings { Configuration = "Release" }));

Task("Pack").IsDependentOn("Cubins").IsDependentOn("Build").DoesForEach(GetFiles("src/*/*.csproj"), project => DotNetPack(project.FullPath, new DotNetPackSettings
{
    Configuration = "Release",
    NoBuild = true,
    NoLogo = true,
    OutputDirectory = "artifacts/packages",
    MSBuildSettings = Packaged(new DotNetMSBuildSettings()),
}));

// A self-contained archive that checks and times the engine on a machine with an NVIDIA driver.
Task("Bundle").Does(() =>
{
    if (StartProcess("tools/bundle/make.sh") != 0)
        throw new CakeException("tools/bundle/make.sh failed.");
});

DotNetMSBuildSettings Packaged(DotNetMSBuildSettings settings) =>
    target == "Pack" ? settings.WithProperty("OtCubins", cubins.FullPath) : settings;

// The compiler's runtime of AddressSanitizer; null where it has none that is a file of its own.
string AddressChecker()
{
    if (!IsRunningOnLinux() || Context.Tools.Resolve("c++") is null)
        return null;
    StartProcess("c++", new ProcessSettings { Arguments = "-print-file-name=libasan.so", RedirectStandardOutput = true }, out var output);
    string path = output.FirstOrDefault();
    return path is not null && FileExists(path) ? path : null;
}

void Must(string tool, string arguments)
{
    if (StartProcess(tool, new ProcessSettings { Arguments = arguments, RedirectStandardOutput = true }, out var output) != 0)
        throw new CakeException($"{tool} {arguments} failed:\n{string.Join("\n", output)}");
}

RunTarget(target);

record TestRun(FilePath Project, string Suffix, string Filter, IDictionary<string, string> Variables);
