using OtEngine.Cli.Verify;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Verify;

/// <summary>The reference of ot verify is the one of the tests, and what compares with it can fail.</summary>
[TestFixture]
internal sealed class NaiveReferenceTests
{
    private const double Epsilon = 0.3;
    private const double Rounding = 1e-13;
    private static readonly double[] Costs = Drawn.Uniform(1, 6 * 4);
    private static readonly double[] A = [.2, .1, 0, .3, .3, .1];
    private static readonly double[] B = [.4, 0, .35, .25];
    private static readonly double[] F = Drawn.Uniform(2, 6);
    private static readonly double[] G = Drawn.Uniform(3, 4);

    private static NaiveReference Reference => new(Costs, A, B, F, G, Epsilon);

    [Test]
    public void Plan_SumsAndMarginals_AreThoseOfTheTests()
    {
        double[] plan = NaiveEntropic.Plan(Costs, A, B, F, G, Epsilon);
        double mass = NeumaierSum.Of(plan);
        (double errorA, double errorB) = NaiveEntropic.MarginalErrors(plan, A, B);
        double[] sums =
        [
            TransportEvidence.TransportCost(Costs, plan), mass, NaiveEntropic.KullbackLeibler(plan, A, B) + mass - 1, TransportEvidence.DualCost(F, G, A, B), errorA, errorB,
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Reference.Plan, Is.EqualTo(plan).Within(Rounding));
            Assert.That(Reference.Sums, Is.EqualTo(sums).Within(Rounding));
            Assert.That(Reference.Marginals, Is.EqualTo([.. NaiveEntropic.RowSums(plan, 6), .. NaiveEntropic.RowSums(NaiveSoftMin.Transposed(plan, 6), 4)]).Within(Rounding));
            Assert.That(Reference.Applied(Drawn.Uniform(4, 8), 2, transposed: false), Is.EqualTo(NaiveEntropic.Apply(plan, Drawn.Uniform(4, 8), 2)).Within(Rounding));
            Assert.That(Reference.Applied(Drawn.Uniform(5, 12), 2, transposed: true), Is.EqualTo(NaiveEntropic.Apply(NaiveSoftMin.Transposed(plan, 6), Drawn.Uniform(5, 12), 2)).Within(Rounding));
        }
    }

    [Test]
    public void Bracket_Extension_AndSweep_AreThoseOfTheTests()
    {
        double[] hard = NaiveSoftMin.OfColumns(Costs, G, B, 0);
        double lower = TransportEvidence.DualCost(hard, NaiveSoftMin.OfRows(Costs, hard, A, 0), A, B);
        double upper = TransportEvidence.TransportCost(Costs, NaiveEntropic.Rounded(NaiveEntropic.Plan(Costs, A, B, F, G, Epsilon), A, B));
        double[] softF = NaiveSoftMin.OfColumns(Costs, G, B, Epsilon), softG = NaiveSoftMin.OfRows(Costs, F, A, Epsilon);
        (double[] f, double[] g) = NaiveSinkhorn.Sweep(Costs, A, B, F, G, Epsilon, 1.25);
        (f[2], g[1]) = (F[2], G[1]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((double[])[Reference.Bracket.Lower, Reference.Bracket.Upper], Is.EqualTo([lower, upper]).Within(Rounding));
            Assert.That(Reference.Extended, Is.EqualTo([.. F.Select((p, i) => A[i] > 0 ? p : softF[i]), .. G.Select((p, j) => B[j] > 0 ? p : softG[j])]).Within(Rounding));
            Assert.That(Reference.Swept(1, 1.25), Is.EqualTo([.. f, .. g]).Within(Rounding));
        }
    }

    [Test]
    public void VerbError_OfWhatIsWrong_SaysSo()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(VerbError.Between([1, 2], [1, 2], 1, 1e-16), Is.EqualTo(default(VerbError)));
            Assert.That(VerbError.Between([1, 2.5], [1, 2], 1, 0.01), Is.EqualTo(new VerbError(.25, 25)));
            Assert.That(VerbError.Between([.01], [0], 0.1, 1).Relative, Is.EqualTo(.1).Within(1e-15), "where all is nothing, the least magnitude counts");
            Assert.That(VerbError.Between([double.NaN], [0], 1, 1).Relative, Is.EqualTo(double.PositiveInfinity));
        }
    }
}
