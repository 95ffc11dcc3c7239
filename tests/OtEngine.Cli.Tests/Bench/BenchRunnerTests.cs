using OtEngine.Cli.Bench;

namespace OtEngine.Cli.Tests.Bench;

[TestFixture]
internal sealed class BenchRunnerTests
{
    private const double Seconds = 0.05;

    [Test]
    public void Time_CallWithACostOfItsOwn_TakesItOff()
    {
        const int PerUnit = 2;
        const int PerCall = 20;
        BenchTask task = new((units, _) => Thread.Sleep(PerCall + (PerUnit * units)), default) { Units = 10, UnitsOff = 5 };
        BenchTiming timing = new BenchRunner(new CoreLimits(), Seconds).Time(new BenchRow("sleep", "float64", "unit", () => task), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(timing.Seconds, Is.GreaterThan(0.5e-3 * PerUnit).And.LessThan(1e-3 * (PerUnit + (PerCall / 10))), "a unit, not its tenth of a call besides");
            Assert.That(timing.Samples, Is.GreaterThanOrEqualTo(3));
            Assert.That(timing.Share, Is.NaN, "nothing was counted");
            Assert.That(timing.Limit, Is.EqualTo("-"));
        }
    }

    [Test]
    public void Time_FewerUnitsThatTakeLonger_GiveNoTime()
    {
        BenchTask task = new((units, _) => Thread.Sleep(units > 5 ? 0 : 10), default) { Units = 10, UnitsOff = 5 };
        BenchTiming timing = new BenchRunner(new CoreLimits(), Seconds).Time(new BenchRow("disturbed", "float64", "unit", () => task), CancellationToken.None);
        Assert.That(timing.Seconds, Is.NaN);
        Assert.That(new BenchReport([timing], [], "limit").Markdown("quick", isComplete: true, ""), Does.Contain("| disturbed | float64 | - | - units/s | - | - | - | "));
    }

    [Test]
    public void Time_Cancelled_Throws()
    {
        BenchRow row = new("forever", "float64", "unit", () => new BenchTask((_, _) => { }, default));
        Assert.That(() => new BenchRunner(new CoreLimits(), 1e9).Time(row, new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Limits_LeastTime_IsThatOfTheBindingOne()
    {
        CoreLimits limits = new();
        limits.Measure(CancellationToken.None);
        Dictionary<string, double> rates = limits.All().ToDictionary(limit => limit.Name, limit => limit.Rate, StringComparer.Ordinal);
        const double Many = 1e12;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rates.Values, Is.All.Positive.And.All.LessThan(double.PositiveInfinity));
            Assert.That(limits.Least(new BenchWork { Exponentials = Many }, isFloat32: true), Is.EqualTo((Many / rates["exp2, float32"], "exp2")));
            Assert.That(limits.Least(new BenchWork { MultiplyAdds = Many }, isFloat32: false), Is.EqualTo((Many / rates["multiply-add, float64"], "multiply-add")));
            Assert.That(
                limits.Least(new BenchWork { MultiplyAdds = Many, Exponentials = Many }, isFloat32: true).Seconds,
                Is.EqualTo((Many / rates["multiply-add, float32"]) + (Many / rates["exp2, float32"])).Within(1e-9));
            Assert.That(limits.Least(new BenchWork { Bytes = Many, Block = 256 << 20, Exponentials = 1 }, isFloat32: true), Is.EqualTo((Many / rates["read of 256 MiB"], "reading")));
            Assert.That(limits.Least(default, isFloat32: true).Seconds, Is.NaN);
        }
    }

    [Test]
    public void Suite_EveryRow_SolvesWhatItCounts()
    {
        using CoreSuite suite = new(isFull: false, seed: 3);
        Assert.That(suite.Rows.Select(row => (row.Name, row.Dtype)), Is.Unique);
        foreach (BenchRow row in suite.Rows)
        {
            BenchTask task = row.Open();
            Assert.That(() => task.Solve(1, CancellationToken.None), Throws.Nothing, row.Name);
            Assert.That(task.Work == default, Is.EqualTo(row.Name.Contains("exact", StringComparison.Ordinal)), row.Name);
        }
    }

    [Test]
    public void Inputs_Images_HaveUnitMassAndEmptyPixels()
    {
        const int Count = 50;
        double[] images = new BenchInputs(0).Images<double>(1, Count);
        foreach (double[] image in images.Chunk(64))
        {
            Assert.That(image.Sum(), Is.EqualTo(1).Within(1e-14));
            Assert.That(image, Is.All.GreaterThanOrEqualTo(0));
        }

        Assert.That(images.Count(mass => mass > 0) / (64.0 * Count), Is.InRange(0.3, 0.7));
    }

    [Test]
    public void Markdown_HasARowForEachTimingAndLimit()
    {
        BenchRow row = new("some work", "float32", "sweep", () => throw new InvalidOperationException());
        BenchReport report = new([new BenchTiming(row, 2e-6, 5, new BenchWork { Bytes = 4000 }, 0.25, "reading")], [("read of 4 KiB", 8e9, "B/s")], "limit");
        string text = report.Markdown("quick", isComplete: false, "What they are.\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain("| some work | float32 | 2 us | 500 k sweeps/s | 2 | - | 25 % of reading | 5 |"));
            Assert.That(text, Does.Contain("| read of 4 KiB | 8 GB/s |"));
            Assert.That(text, Does.Contain("ot bench --suite quick").And.Contain("stopped before its end"));
        }
    }
}
