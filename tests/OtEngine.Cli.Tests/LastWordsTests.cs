namespace OtEngine.Cli.Tests;

/// <summary>A report is sent once: whole, or what is finished of it.</summary>
[TestFixture]
internal sealed class LastWordsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<string> _said = [];

    [SetUp]
    public void Clear() => _said.Clear();

    [Test]
    public void WholeReport_IsNotFollowedByAPartialOne()
    {
        LastWords words = Prepared();
        words.Say(() => _said.Add("whole"));
        words.SayPartial(Patience);
        Assert.That(_said, Is.EqualTo(["whole"]));
    }

    [Test]
    public void PartialReport_IsNotFollowedByAWholeOne()
    {
        LastWords words = Prepared();
        words.SayPartial(Patience);
        words.Say(() => _said.Add("whole"));
        words.SayPartial(Patience);
        Assert.That(_said, Is.EqualTo(["partial"]));
    }

    [Test]
    public void WhereNothingIsFinished_NothingIsSaid_AndTheWholeReportStillMayBe()
    {
        LastWords words = new();
        words.SayPartial(Patience);
        words.Say(() => _said.Add("whole"));
        Assert.That(_said, Is.EqualTo(["whole"]));
    }

    [Test]
    public void ReportUnderWay_IsWaitedFor_ButNotForever()
    {
        LastWords words = Prepared();
        using ManualResetEventSlim begun = new(), go = new();
        Task report = Task.Run(() => words.Say(() =>
        {
            begun.Set();
            go.Wait();
            _said.Add("whole");
        }));
        begun.Wait();
        words.SayPartial(TimeSpan.FromMilliseconds(20));
        Assert.That(_said, Is.Empty);
        Task partial = Task.Run(() => words.SayPartial(Patience));
        go.Set();
        Task.WaitAll(report, partial);
        Assert.That(_said, Is.EqualTo(["whole"]));
    }

    private LastWords Prepared()
    {
        LastWords words = new();
        words.Prepare(() => _said.Add("partial"));
        return words;
    }
}
