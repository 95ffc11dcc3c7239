using System.Text.Json;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class VerifyCommandTests
{
    [Test]
    public void Verify_OnTheCpu_PassesEveryVerbAndTimesIt()
    {
        JsonElement found = CliRun.Answer("verify", "--device", "cpu", "--size", "64", "--dtype", "float32");
        JsonElement[] rows = [.. found.GetProperty("rows").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("value").GetDouble(), Is.Zero);
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cpu"));
            Assert.That(rows.Select(row => row.GetProperty("verb").GetString()), Does.Contain("SinkhornSweep").And.Contain("PlanApply"));
            foreach (JsonElement row in rows)
            {
                Assert.That(row.GetProperty("verdict").GetString(), Is.EqualTo("pass"));
                Assert.That(row.GetProperty("error").GetDouble(), Is.LessThanOrEqualTo(row.GetProperty("allowed").GetDouble()));
                Assert.That(row.GetProperty("residual").GetDouble(), Is.LessThan(30));
            }
        }
    }

    [Test]
    public void Verify_OnTheHostDevice_PassesEveryVerb()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        JsonElement found = CliRun.Answer("verify", "--device", "cuda", "--size", "0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("value").GetDouble(), Is.Zero);
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(found.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("dtype").GetString()).Distinct(StringComparer.Ordinal), Is.EqualTo(["float32", "float64"]));
        }
    }
}
