var target = Argument("target", "Test");
var ci = EnvironmentVariable("CI") == "true";
var results = MakeAbsolute(Directory("artifacts/tests"));
var engineTests = MakeAbsolute(File("tests/OtEngine.Tests/OtEngine.Tests.csproj"));

// Every test as the machine is, then the engine's once more on each narrower set of instructions.
var runs = GetFiles("tests/*/*.Tests.csproj").Select(project => (project, narrowed: ""))
    .Concat(new[] { "EnableAVX512", "EnableAVX2", "EnableHWIntrinsic" }.Select(narrowed => (project: engineTests, narrowed)));

Task("Build").Does(() => DotNetBuild("OtEngine.sln", new DotNetBuildSettings
{
    Configuration = "Release",
    NoLogo = true,
    Verbosity = DotNetVerbosity.Quiet,
    MSBuildSettings = new DotNetMSBuildSettings().WithProperty("RestoreLockedMode", ci ? "true" : "false"),
}));

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

Task("Pack").IsDependentOn("Build").DoesForEach(GetFiles("src/*/*.csproj"), project => DotNetPack(project.FullPath, new DotNetPackSettings
{
    Configuration = "Release",
    NoBuild = true,
    NoLogo = true,
    OutputDirectory = "artifacts/packages",
}));

RunTarget(target);
