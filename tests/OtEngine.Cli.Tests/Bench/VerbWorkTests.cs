using System.Globalization;
using System.Text.RegularExpressions;
using OtEngine.Cli.Bench;
using OtEngine.Cli.Tests.Commands;

namespace OtEngine.Cli.Tests.Bench;

/// <summary>
/// What <c>ot bench</c> and <c>ot verify</c> count is what the kernel files say of themselves: each case finds a phrase under the heading Traffic
/// (of exps also elsewhere in the opening), takes the numbers out of it, and asks <see cref="VerbWork"/> for as much.
/// </summary>
internal sealed class VerbWorkTests
{
    private const long Entries = 35 * 77;
    private const int Sweeps = 7;
    private const int Width = 9;
    private const int Dimension = 5;

    /// <summary>h h, h l and l h.</summary>
    private const int ProductsOfStrict = 3;

    // Not counted, since nothing prints a rate of them alone: what measures the device itself, and transforms whose values come from caches.
    private static readonly string[] Uncounted = ["limits", "grid_soft_min"];

    private static readonly string[] Words = ["no", "one", "two", "three", "four"];

    private static readonly Case[] Cases =
    [
        new("cost_matrix", @"cost_matrix: (\w+) write an entry", n => n[0] * Entries * sizeof(float), VerbWork.CostMatrix<float>(Entries).Bytes),
        new("cost_matrix", @"cost_reduce: (\w+) read an entry", n => n[0] * Entries * sizeof(double), VerbWork.CostReduce<double>(Entries).Bytes),
        new("soft_min", @"each cost is read (\w+)", n => n[0] * Entries * sizeof(float), VerbWork.SoftMin<float>(Entries).Bytes),
        new("soft_min", @"(\w+) exps? an entry", n => n[0] * Entries, VerbWork.SoftMin<float>(Entries).Exponentials),
        new("plan_reduce", @"each cost is read \(or computed\) (\w+)", n => n[0] * Entries * sizeof(float), VerbWork.PlanReduce<float>(Entries).Bytes),
        new("plan_reduce", @"(\w+) exps? an entry", n => n[0] * Entries, VerbWork.PlanReduce<float>(Entries).Exponentials),
        new("plan_apply", @"each cost is read \(or computed\) (\w+), and \w+ exp taken, for every (\w+) columns of V", n => n[0] * Entries * Math.Ceiling(Width / n[1]) * sizeof(double), VerbWork.PlanApply<double>(Entries, Width).Bytes),
        new("plan_apply", @"(\w+) exp taken, for every (\w+) columns of V", n => n[0] * Entries * Math.Ceiling(Width / n[1]), VerbWork.PlanApply<double>(Entries, Width).Exponentials),
        new("plan_write", @"(\w+) cost read \(or computed\), \w+ exp and (\w+) write an entry", n => Entries * ((n[0] * sizeof(float)) + (n[1] * sizeof(double))), VerbWork.PlanWrite<float>(Entries).Bytes),
        new("plan_write", @"(\w+) exp and", n => n[0] * Entries, VerbWork.PlanWrite<float>(Entries).Exponentials),
        new("plan_cost_gradient", @"(\w+) exp taken", n => n[0] * Entries, VerbWork.PlanCostGradient<float>(Entries).Exponentials),
        new("sinkhorn_sweep", @"rows: S (\w+);", n => n[0] * Entries * sizeof(float), VerbWork.SinkhornSweep<float>(Entries).Bytes),
        new("sinkhorn_sweep", @"(\w+) exp taken of it a sweep", n => n[0] * Entries, VerbWork.SinkhornSweep<float>(Entries).Exponentials),
        new("sinkhorn_points", @"(\w+) d \+ (\w+) additions and multiply-adds and \w+ exp a side", n => 2 * ((n[0] * Dimension) + n[1]) * Entries, VerbWork.SinkhornPoints(Entries, Dimension).MultiplyAdds),
        new("sinkhorn_points", @"(\w+) exp a side", n => 2 * n[0] * Entries, VerbWork.SinkhornPoints(Entries, Dimension).Exponentials),
        new("sinkhorn_products", @"(\w+) exp, (\w+) additions and multiply-adds; a sweep is both sides", n => 2 * n[0] * Entries, VerbWork.SinkhornProducts(Entries, Dimension).Exponentials),
        new("sinkhorn_products", @"(\w+) exp, (\w+) additions and multiply-adds; a sweep is both sides", n => 2 * n[1] * Entries, VerbWork.SinkhornProducts(Entries, Dimension).MultiplyAdds),
        new("sinkhorn_products", @"(\w+) multiply-adds on tensor cores an entry and product", n => 2 * ProductsOfStrict * n[0] * Entries, VerbWork.SinkhornProducts(Entries, Dimension).Products),
        new("sinkhorn_block", @"a sweep has (\w+) exp", n => n[0] * Entries * Sweeps, VerbWork.SinkhornBlock(Entries, Sweeps).Exponentials),
        new("sinkhorn_block", @"nothing else leaves the chip", _ => 0, VerbWork.SinkhornBlock(Entries, Sweeps).Bytes),
        new("sinkhorn_resident", @"(\w+) exp and (\w+) multiply-adds an entry and sweep", n => n[0] * Entries, VerbWork.SinkhornResident(Entries).Exponentials),
        new("sinkhorn_resident", @"(\w+) exp and (\w+) multiply-adds an entry and sweep", n => n[1] * Entries, VerbWork.SinkhornResident(Entries).MultiplyAdds),
        new("sinkhorn_resident", @"S itself never leaves the chip", _ => 0, VerbWork.SinkhornResident(Entries).Bytes),
        new("multiply", @"each element of A is read once for every (\w+) \(\w+\) columns of C, each of B for every (\w+) \(\w+\) rows; C once", n => Elements(n[0], n[1]) * sizeof(float), VerbWork.Multiply<float>(300, 200, 50).Bytes),
        new("multiply", @"each element of A is read once for every \w+ \((\w+)\) columns of C, each of B for every \w+ \((\w+)\) rows; C once", n => Elements(n[0], n[1]) * sizeof(double), VerbWork.Multiply<double>(300, 200, 50).Bytes),
        new("vector", @"map: (\w+) reads \(1 for exp, ln\) and (\w+) write an element", n => (n[0] + n[1]) * Entries * sizeof(float), VerbWork.VectorAxpy<float>(Entries).Bytes),
        new("sliced_cost", @"a direction reads \(n \+ m\) (\w+) coordinates", n => 7 * n[0] * 11 * sizeof(float), VerbWork.SlicedCost<float>(7, Dimension, 11).Bytes),
        new("sliced_passes", @"(\w+) coordinates; keys and indices \(4 bytes\) are written (\w+), for every eight bits keys read (\w+) times and written (\w+), indices read (\w+) and written (\w+); the cost reads keys (\w+); masses and their running sums: (\w+) bytes", n => 7.0 * 11 * ((n[0] * 8) + (n[1] * (8 + 4)) + (8 * (((n[2] + n[3]) * 8) + ((n[4] + n[5]) * 4))) + (n[6] * 8) + n[7]), VerbWork.SlicedPasses<double>(7, Dimension, 11).Bytes),
        new("reduced_costs", @"each cost is read \(or computed\) (\w+)", n => n[0] * Entries * sizeof(float), VerbWork.ReducedCosts<float>(Entries).Bytes),
        new("gromov_gradient", @"constants: (\w+) reads an entry", n => n[0] * Entries * sizeof(float), VerbWork.GromovConstants<float>(Entries).Bytes),
        new("gromov_gradient", @"plan: (\w+) reads and (\w+) write an entry", n => (n[0] + n[1]) * Entries * sizeof(float), VerbWork.GromovPlan<float>(Entries).Bytes),
        new("gromov_gradient", @"plan: \w+ reads and \w+ write an entry, (\w+) exp", n => n[0] * Entries, VerbWork.GromovPlan<float>(Entries).Exponentials),
        new("gromov_gradient", @"gradient: (\w+) reads and (\w+) write an entry", n => (n[0] + n[1]) * Entries * sizeof(double), VerbWork.GromovGradient<double>(Entries).Bytes),
        new("assignment", @"each row scanned is read (\w+), (\w+) additions an entry", n => n[0] * 11 * 35 * sizeof(float), VerbWork.Assignment<float>(11, 35).Bytes),
        new("assignment", @"(\w+) additions an entry", n => n[0] * 11 * 35, VerbWork.Assignment<float>(11, 35).MultiplyAdds),
    ];

    public static IEnumerable<TestCaseData> All => Cases.Select(one => new TestCaseData(one).SetArgDisplayNames(one.Family, one.Phrase));

    private static string Kernels { get; } = FindKernels();

    [TestCaseSource(nameof(All))]
    public void Counts_AreThoseOfTheKernelFile(Case one)
    {
        string source = File.ReadAllText(Path.Combine(Kernels, one.Family + ".cu"));
        Match found = Regex.Match(Traffic(source), one.Phrase, RegexOptions.None, TimeSpan.FromSeconds(1));
        if (!found.Success && one.Phrase.Contains("exp", StringComparison.Ordinal))
            found = Regex.Match(Joined(Opening(source)), one.Phrase, RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.That(found.Success, $"kernels/{one.Family}.cu says nothing like '{one.Phrase}' under Traffic: if what it moves has changed, change VerbWork and this case");
        double[] numbers = [.. found.Groups.Values.Skip(1).Select(group => Number(group.Value))];
        Assert.That(one.Counted, Is.EqualTo(one.Said(numbers)).Within(1e-9).Percent);
    }

    [Test]
    public void EveryKernelFile_IsCountedOrNamedAsNot() =>
        Assert.That(Cases.Select(one => one.Family).Concat(Uncounted).Distinct(StringComparer.Ordinal), Is.EquivalentTo(Directory.GetFiles(Kernels, "*.cu").Select(Path.GetFileNameWithoutExtension)));

    [Test]
    public void Traffic_OfAFile_IsWhatStandsUnderThatHeadingAlone() => Assert.That(
        Traffic("// Copy: one read.\n//\n// Computes   y = x, two reads\n// Traffic    one write,\n//            no more\n// Launch     any\nint x; // Traffic three\n"),
        Is.EqualTo("one write, no more"));

    [TestCase(16, 128)]
    [TestCase(8, 256)]
    [TestCase(4, 512)]
    public void DenseSweep_IsCountedAsTheKernelForItsSize(int scale, int side)
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using DeviceSuite suite = new(
            configure => Engine.Create(options =>
            {
                configure(options);
                options.UseCuda(cuda => (cuda.DriverPath, cuda.Requirement) = (DeviceChoice.DriverPath, CudaRequirement.Required));
            }),
            isFull: false,
            scale,
            1);
        long entries = (long)side * side;

        // In one block, on all four multiprocessors, in memory.
        BenchWork expected = side switch { 128 => VerbWork.SinkhornBlock(entries, 1), 256 => VerbWork.SinkhornResident(entries), _ => VerbWork.SinkhornSweep<float>(entries) };
        Assert.That(suite.Rows[0].Name, Does.Contain($"dense {side}"));
        Assert.That(suite.Rows[0].Open().Work, Is.EqualTo(expected));
    }

    /// <summary>Elements that a product moves, by its tiles.</summary>
    private static double Elements(double columnsOfTile, double rowsOfTile) => (300 * 50 * Math.Ceiling(200 / columnsOfTile)) + (50 * 200 * Math.Ceiling(300 / rowsOfTile)) + (300 * 200);

    private static double Number(string word) => word switch
    {
        "once" => 1,
        "twice" => 2,
        "d" => Dimension,
        _ => Array.IndexOf(Words, word) is >= 0 and var known ? known : double.Parse(word, CultureInfo.InvariantCulture),
    };

    /// <summary>What stands under Traffic, in one line.</summary>
    private static string Traffic(string source)
    {
        IEnumerable<string> lines = Opening(source).SkipWhile(line => !line.StartsWith(" Traffic ", StringComparison.Ordinal));
        return Joined(lines.Take(1).Select(line => line[" Traffic ".Length..]).Concat(lines.Skip(1).TakeWhile(line => line.Length < 2 || !char.IsAsciiLetterUpper(line[1]))));
    }

    private static string[] Opening(string source) =>
        [.. source.ReplaceLineEndings("\n").Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(line => line[2..])];

    private static string Joined(IEnumerable<string> lines) => string.Join(' ', lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private static string FindKernels()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OtEngine.sln")))
                return Path.Combine(folder.FullName, "kernels");
        }

        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }

    /// <summary>A phrase of a kernel file, what its numbers amount to, and what is counted.</summary>
    internal sealed record Case(string Family, string Phrase, Func<double[], double> Said, double Counted);
}
