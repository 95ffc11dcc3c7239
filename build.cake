var target = Argument("target", "Test");
var ci = EnvironmentVariable("CI") == "true";
var results = MakeAbsolute(Directory("artifacts/tests"));
var cubins = MakeAbsolute(Directory("artifacts/cubins"));
var engineTests = MakeAbsolute(File("tests/OtEngine.Tests/OtEngine.Tests.csproj"));

// Every test as the machine is, then the engine's once more on each narrower set of instructions.
var runs = GetFiles("tests/*/*.Tests.csproj").Select(project => (project, narrowed: ""))
    .Concat(new[] { "EnableAVX512", "EnableAVX2", "EnableHWIntrinsic" }.Select(narrowed => (project: engineTests, narrowed)));

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

Task("Clean results").Does(() => CleanDirectory(results));

Task("Test").IsDependentOn("Clean results").IsDependentOn("Build").DoesForEach(runs, run =>
{
    var settings = new DotNetTestSettings { Configuration = "Release", NoBuild = true, NoLogo = true, ResultsDirectory = results };
    settings.Loggers.Add($"trx;LogFileName={run.project.GetFilenameWithoutExtension()}{run.narrowed}.trx");
    if (run.narrowed != "")
        settings.EnvironmentVariables = new Dictionary<string, string> { [$"DOTNET_{run.narrowed}"] = "0", ["OTENGINE_FUZZ_SECONDS"] = "5" };
    Information($"{run.project.GetFilenameWithoutExtension()} {(run.narrowed == "" ? "" : $"with DOTNET_{run.narrowed}=0")}");
    DotNetTest(run.project.FullPath, settings);
}).DeferOnError();

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

DotNetMSBuildSettings Packaged(DotNetMSBuildSettings settings) =>
    target == "Pack" ? settings.WithProperty("OtCubins", cubins.FullPath) : settings;

RunTarget(target);
