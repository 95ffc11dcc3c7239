using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;

namespace OtEngine.Tests;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class TransportProblemTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // The design's relative tolerances on the totals of a balanced problem.
    private static readonly double TotalsTolerance = typeof(T) == typeof(float) ? 1e-6 : 1e-9;

    private static TransportProblem<T> Problem => TransportProblem.On(new DenseGeometry<T>(Typed(1, 2, 3, 4, 5, 6), 2, 3));

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void WithWeights_NotFinite_IsRefused(double weight)
    {
        Refusal.With(ProblemError.NotFinite, () => Problem.WithWeights(Typed(1, weight), Typed(0, 0.5, 0.5)), "a[1]");
        Refusal.With(ProblemError.NotFinite, () => Problem.WithWeights(Typed(0.25, 0.75), Typed(0, 1, weight)), "b[2]");
    }

    [Test]
    public void WithWeights_Negative_IsRefused()
    {
        Refusal.With(ProblemError.NegativeWeight, () => Problem.WithWeights(Typed(-0.5, 1.5), Typed(0, 0.5, 0.5)), "-0.5");
        Refusal.With(ProblemError.NegativeWeight, () => Problem.WithWeights(Typed(0.25, 0.75), Typed(0, -0.25, 1.25)), "b[1]");
        Refusal.With(ProblemError.NegativeWeight, () => Problem.WithWeights([T.NegativeZero - T.Epsilon, T.One], Typed(0, 0.5, 0.5)), "a[0]");
    }

    [Test]
    public void WithWeights_NegativeZero_IsZero() =>
        Assert.That(Problem.WithWeights([T.NegativeZero, T.One], Typed(0, 0.25, 0.75)).TotalA, Is.EqualTo(1));

    [Test]
    public void WithWeights_AllZero_IsRefused()
    {
        Refusal.With(ProblemError.ZeroMass, () => Problem.WithWeights(Typed(0, 0), Typed(0, 0.5, 0.5)), "a ");
        Refusal.With(ProblemError.ZeroMass, () => Problem.WithWeights(Typed(0.25, 0.75), Typed(0, 0, 0)), "b ");
    }

    [TestCase(1, 3)]
    [TestCase(3, 3)]
    [TestCase(2, 2)]
    [TestCase(2, 4)]
    public void WithWeights_OfAnotherLength_IsRefused(int n, int m) => Refusal.With(
        ProblemError.ShapeMismatch, () => Problem.WithWeights(Uneven(n), Uneven(m)), n == 2 ? "3 are needed" : "2 are needed");

    [Test]
    public void WithWeights_TotalsWithinTolerance_AreRescaledToSideA([Values(-0.5, 0.5)] double share)
    {
        T total = T.CreateChecked(3 * (1 + (share * TotalsTolerance)));
        TransportProblem<T> problem = Problem.WithWeights(Typed(1, 2), [total, T.Zero, T.Zero]);
        using TransportResult<T> result = Engines.Default.Solve(problem, new Exact());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(problem.TotalB, Is.EqualTo(double.CreateChecked(total)));
            Assert.That(problem.TotalB, Is.Not.EqualTo(problem.TotalA));
            Assert.That(result.Mass, Is.EqualTo(3));
            Assert.That(result.TransportCost, Is.EqualTo(9));
            Assert.That(result.MarginalErrorB, Is.LessThanOrEqualTo(3 * ExactEvidence.MarginalShare));
        }
    }

    [Test]
    public void WithWeights_TotalsBeyondTolerance_AreRefused([Values(-2, 2)] double share)
    {
        T total = T.CreateChecked(3 * (1 + (share * TotalsTolerance)));
        Refusal.With(ProblemError.UnequalTotals, () => Problem.WithWeights(Typed(1, 2), [total, T.Zero, T.Zero]), "a sums to 3");
        Refusal.With(ProblemError.UnequalTotals, () => Problem.WithWeights([], Typed(1, 0, 1)), "b to 2");
    }

    [Test]
    public void WithWeights_WhoseTotalOverflowsDouble_AreRefused()
    {
        T huge = typeof(T) == typeof(double) ? T.CreateChecked(double.MaxValue) : T.CreateChecked(float.MaxValue);
        if (typeof(T) == typeof(double))
            Refusal.With(ProblemError.NotFinite, () => Problem.WithWeights([huge, huge], [huge, huge, T.Zero]), "total of a");
        else
            Assert.That(Problem.WithWeights([huge, huge], [huge, huge, T.Zero]).TotalA, Is.EqualTo(2.0 * float.MaxValue));
    }

    [Test]
    public void WithWeights_CopiesWhatItIsGiven()
    {
        T[] a = Typed(0.25, 0.75);
        TransportProblem<T> problem = Problem.WithWeights(a, Typed(0, 0.5, 0.5));
        a[0] = T.NaN;
        Assert.That(problem.WeightsA.ToArray(), Is.EqualTo(Typed(0.25, 0.75)));
    }

    [Test]
    public void FromCosts_EmptyOrNotFinite_IsRefused()
    {
        Refusal.With(ProblemError.Empty, () => TransportProblem.FromCosts(new T[0, 3]));
        Refusal.With(ProblemError.Empty, () => TransportProblem.FromCosts(new T[2, 0]));
        Refusal.With(ProblemError.Empty, () => TransportProblem.FromCosts(Tensor.Create(Array.Empty<T>(), [0, 3])));
        Refusal.With(ProblemError.NotFinite, () => TransportProblem.FromCosts(new[,] { { T.One, T.NaN } }), "cost[1] is NaN");
        Refusal.With(ProblemError.NotFinite, () => TransportProblem.FromCosts(Tensor.Create([T.PositiveInfinity, T.One], [2, 1])), "cost[0]");
        Refusal.With(ProblemError.ShapeMismatch, () => TransportProblem.FromCosts(Tensor.Create(Typed(1, 2), [1, 1, 2])), "rank 3");
    }

    [Test]
    public void Between_EmptyOrMismatchedPoints_AreRefused()
    {
        T[,] x = { { T.One, T.Zero } };
        Refusal.With(ProblemError.Empty, () => TransportProblem.Between(new T[0, 2], x));
        Refusal.With(ProblemError.Empty, () => TransportProblem.Between(x, new T[0, 2]));
        Refusal.With(ProblemError.Empty, () => TransportProblem.Between(new T[1, 0], new T[1, 0]));
        Refusal.With(ProblemError.ShapeMismatch, () => TransportProblem.Between(x, new T[1, 3]), "2 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => TransportProblem.Between(Tensor.Create(Typed(1, 2), [1, 2]), Tensor.Create(Typed(1, 2, 3), [1, 3])), "2 are needed");
        Refusal.With(ProblemError.ShapeMismatch, () => TransportProblem.Between(Tensor.Create(Typed(1, 2), [1, 2]), Tensor.Create(Typed(1, 2), [2])), "2 are needed");
    }

    [Test]
    public void Between_BroadcastToMoreThanAnArrayHolds_IsRefusedBeforeAllocating() => Refusal.WithoutAllocating(
        ProblemError.TooLarge,
        () =>
        {
            ReadOnlyTensorSpan<T> wide = new(Typed(1), [1 << 16, 1 << 15], [0, 0]);
            TransportProblem.Between(wide, wide);
        },
        "2147483648");

    [Test]
    public void Null_IsRefused()
    {
        Tensor<T> x = Tensor.Create(Typed(1, 2), [2]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => TransportProblem.On<T>(null!), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.FromCosts((T[,])null!), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.FromCosts((Tensor<T>)null!), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.Between(null!, x), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.Between(x, null!), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.Between((T[,])null!, new T[1, 1]), Throws.ArgumentNullException);
            Assert.That(() => TransportProblem.Between(new T[1, 1], null!), Throws.ArgumentNullException);
        }
    }

    private static T[] Typed(params double[] values) => ExactInputs.To<T>(values);

    private static T[] Uneven(int count) => Typed([.. Enumerable.Range(0, count).Select(i => (double)i)]);
}
