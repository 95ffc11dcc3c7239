using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>What a batch refuses.</summary>
public sealed class EngineBatchTests
{
    [Test]
    public void SolveBatch_NullAmongTheProblems_IsNamedInTheException()
    {
        using var engine = Engine.Create();
        TransportProblem<double> problem = TransportProblem.FromCosts(new double[,] { { 0, 2, 3 }, { 1, 0, 1 } }).WithWeights([0.25, 0.75], [0.5, 0, 0.5]);

        Assert.That(() => engine.SolveBatch([problem, null!], new OtEngine.Exact()), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("problems"));
    }
}
