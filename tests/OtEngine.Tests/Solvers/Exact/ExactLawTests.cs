using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using OtEngine.Tests.Support;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Laws that exact transport obeys on any input, on a thousand drawn problems each.</summary>
[Category("Simd")]
public sealed class ExactLawTests
{
    // Two answers whose certificates each allow a gap of 1e-9.
    private const double TwoCertificates = 2 * ExactEvidence.CertificateInDouble;

    // A power of two scales every number of a solve without rounding.
    private static readonly double TwoTo70 = Math.ScaleB(1, 70);

    private static readonly NaiveCost[] Grounds =
    [
        NaiveCost.Euclidean, NaiveCost.SquaredEuclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.PNorm(3, 1), NaiveCost.PNorm(2, 3),
        NaiveCost.Cosine,
    ];

    private static Gen<Case> Cases =>
        from seed in Gen.Choose(0, 1_000_000)
        from n in Gen.Choose(1, 14)
        from m in Gen.Choose(1, 14)
        from dimension in Gen.Choose(1, 9)
        from ground in Gen.Choose(0, Grounds.Length - 1)
        from coinciding in Gen.Elements(false, true)
        select new Case(seed, n, m, dimension, ground, coinciding);

    [Test]
    public void Solve_SidesExchanged_CostsTheSame() => Law.Holds(Cases, drawn =>
        Agree(Value(drawn.Points()), Value(ExactInputs.Points<double>(drawn.Y, drawn.X, drawn.Dimension, drawn.Cost, drawn.B, drawn.A))));

    [Test]
    public void Solve_MeasureToItself_CostsNothing() => Law.Holds(Cases, drawn =>
    {
        // The cosine of a point with itself is 1 up to rounding only.
        Cost cost = drawn.Cost == Cost.Cosine ? Cost.Euclidean : drawn.Cost;
        return Value(ExactInputs.Points<double>(drawn.X, drawn.X, drawn.Dimension, cost, drawn.A, drawn.A)) == 0;
    });

    [Test]
    public void Distance_ThroughAThirdMeasure_IsNotShorter([Values(1, 2)] int p) => Law.Holds(Cases, drawn =>
    {
        int middle = 1 + (drawn.Seed % 11);
        double[] z = Drawn.Cloud(drawn.Seed + 4, middle, drawn.Dimension), c = Drawn.ExactWeights(drawn.Seed + 5, middle);
        double direct = Distance(drawn.X, drawn.Y, drawn.A, drawn.B);
        double around = Distance(drawn.X, z, drawn.A, c) + Distance(z, drawn.Y, c, drawn.B);
        return direct <= around * (1 + ExactEvidence.CertificateInDouble);

        double Distance(double[] from, double[] to, double[] a, double[] b)
        {
            using TransportResult<double> result = Solve(ExactInputs.Points<double>(from, to, drawn.Dimension, Cost.PNorm(2, p), a, b));
            return result.Distance;
        }
    });

    [Test]
    public void Solve_BothCloudsTranslated_GivesTheSameBits() => Law.Holds(Cases, drawn =>
    {
        // Whole sixteenths: coordinates, shifts and differences are exact. Angles do change.
        Cost cost = drawn.Cost == Cost.Cosine ? Cost.Manhattan : drawn.Cost;
        double[] x = Sixteenths(drawn.X), y = Sixteenths(drawn.Y), shift = Drawn.Costs(drawn.Seed, 1, drawn.Dimension, 1 << 20);
        using TransportResult<double> here = Solve(ExactInputs.Points<double>(x, y, drawn.Dimension, cost, drawn.A, drawn.B));
        using TransportResult<double> there = Solve(ExactInputs.Points<double>(Moved(x, shift), Moved(y, shift), drawn.Dimension, cost, drawn.A, drawn.B));
        return SameBits.Differ(there, here) is null;
    });

    [Test]
    public void Solve_OneCloudTranslated_CostsTheShiftOfTheMeans() => Law.Holds(Cases, drawn =>
    {
        double[] shift = Drawn.Cloud(drawn.Seed + 6, 1, drawn.Dimension);
        double moved = Value(ExactInputs.Points<double>(Moved(drawn.X, shift), drawn.Y, drawn.Dimension, Cost.SquaredEuclidean, drawn.A, drawn.B));
        double here = Value(ExactInputs.Points<double>(drawn.X, drawn.Y, drawn.Dimension, Cost.SquaredEuclidean, drawn.A, drawn.B));
        double[] terms = [.. shift.SelectMany((t, k) => new[] { t * t, 2 * t * Mean(drawn.X, drawn.A, k), -2 * t * Mean(drawn.Y, drawn.B, k) })];
        double expected = NeumaierSum.Of(terms.Append(here));
        return Math.Abs(moved - expected) <= TwoCertificates * (here + moved + terms.Sum(Math.Abs));

        double Mean(double[] points, double[] weights, int coordinate) =>
            NeumaierSum.Of(weights.Select((w, i) => w * points[(i * drawn.Dimension) + coordinate]));
    });

    [Test]
    public void Solve_CostsScaled_ScalesTheCost() => Law.Holds(Cases, drawn =>
    {
        double[] cost = drawn.Matrix();
        double value = Value(ExactInputs.Dense<double>(cost, drawn.A, drawn.B));
        return Agree(Value(ExactInputs.Dense<double>([.. cost.Select(c => c * 3.7)], drawn.A, drawn.B)), 3.7 * value)
            && Value(ExactInputs.Dense<double>([.. cost.Select(c => c * TwoTo70)], drawn.A, drawn.B)) == value * TwoTo70;
    });

    [Test]
    public void Solve_MassScaled_ScalesTheCost() => Law.Holds(Cases, drawn =>
    {
        double value = Value(drawn.Points());
        return Agree(Value(Scaled(3.7)), 3.7 * value) && Value(Scaled((1 / TwoTo70))) == value * (1 / TwoTo70);

        TransportProblem<double> Scaled(double by) => ExactInputs.Points<double>(
            drawn.X, drawn.Y, drawn.Dimension, drawn.Cost, [.. drawn.A.Select(w => w * by)], [.. drawn.B.Select(w => w * by)]);
    });

    [Test]
    public void Solve_AtomsPermuted_CostsTheSame() => Law.Holds(Cases, drawn =>
    {
        int[] rows = Permutation(drawn.Seed, drawn.N), columns = Permutation(drawn.Seed + 1, drawn.M);
        TransportProblem<double> permuted = ExactInputs.Points<double>(
            [.. rows.SelectMany(i => drawn.X.Skip(i * drawn.Dimension).Take(drawn.Dimension))],
            [.. columns.SelectMany(j => drawn.Y.Skip(j * drawn.Dimension).Take(drawn.Dimension))],
            drawn.Dimension,
            drawn.Cost,
            [.. rows.Select(i => drawn.A[i])],
            [.. columns.Select(j => drawn.B[j])]);
        return Agree(Value(permuted), Value(drawn.Points()));
    });

    [Test]
    public void Solve_MasslessAtomsRemoved_LeavesTheSameBits() => Law.Holds(Cases, drawn =>
    {
        int[] rows = Support(drawn.A), columns = Support(drawn.B);
        double[] cost = drawn.Matrix();
        using TransportResult<double> all = Solve(ExactInputs.Dense<double>(cost, drawn.A, drawn.B));
        using TransportResult<double> some = Solve(ExactInputs.Dense<double>(
            [.. rows.SelectMany(i => columns.Select(j => cost[(i * drawn.M) + j]))], [.. rows.Select(i => drawn.A[i])], [.. columns.Select(j => drawn.B[j])]));
        return (all.TransportCost, all.DualCost, all.Status, all.Iterations) == (some.TransportCost, some.DualCost, some.Status, some.Iterations)
            && some.Plan.ToSparse().Select(e => new PlanEntry(rows[e.Row], columns[e.Column], e.Mass)).SequenceEqual(all.Plan.ToSparse())
            && rows.Select(i => all.Potentials.F.Span[i]).SequenceEqual(some.Potentials.F.ToArray())
            && columns.Select(j => all.Potentials.G.Span[j]).SequenceEqual(some.Potentials.G.ToArray());
    });

    [Test]
    public void SolveBatch_AnyNumberOfThreads_GivesTheBitsOfTheLoop()
    {
        using Engine two = Engine.Create(o => o.Threads = 2);
        Engine[] engines = [Engines.SingleThreaded, two, Engines.SevenThreads];
        Law.Holds(Cases, drawn =>
        {
            TransportProblem<double>[] problems =
            [
                .. from k in Enumerable.Range(0, 1 + (drawn.Seed % 9))
                   let other = drawn with { Seed = drawn.Seed + (10 * k), N = 1 + ((drawn.N + (3 * k)) % 14), Ground = (drawn.Ground + k) % Grounds.Length }
                   select k % 2 == 0 ? other.Points() : ExactInputs.Dense<double>(other.Matrix(), other.A, other.B),
            ];
            TransportResult<double>[] loop = [.. problems.Select(Solve)];
            return engines.All(engine => engine.SolveBatch(problems, new Exact()).Zip(loop).All(pair => SameBits.Differ(pair.First, pair.Second) is null));
        });
    }

    [Test]
    public void Solve_Potentials_BoundEveryPlanFromBelow() => Law.Holds(Cases, drawn =>
    {
        double[] cost = drawn.Matrix();
        using TransportResult<double> result = Solve(drawn.Points());
        double[] f = result.Potentials.F.ToArray(), g = result.Potentials.G.ToArray();
        double product = NeumaierSum.Of(cost.Select((c, k) => c * drawn.A[k / drawn.M] * drawn.B[k % drawn.M]));

        // Angles between equal directions differ from the naive ones by roundings of 1, which are no share of a cost near 0.
        double rounding = 1e-13 * (drawn.Cost == Cost.Cosine ? 1 : TransportEvidence.LargestMagnitude(cost));
        return result.Status == SolveStatus.Converged
            && cost.Select((c, k) => f[k / drawn.M] + g[k % drawn.M] - c).All(excess => excess <= rounding)
            && result.DualCost <= product + rounding;
    });

    [Test]
    public void Solve_StartedFromItsAnswer_CostsTheSame() => Law.Holds(Cases, drawn =>
    {
        using TransportResult<double> cold = Solve(drawn.Points());
        using TransportResult<double> warm = Engines.Default.Solve(drawn.Points(), new Exact { WarmStart = cold.Potentials });
        return warm.Status == SolveStatus.Converged && Agree(warm.TransportCost, cold.TransportCost);
    });

    private static TransportResult<double> Solve(TransportProblem<double> problem) => Engines.Default.Solve(problem, new Exact());

    /// <summary>The cost of a converged answer, else NaN, which agrees with nothing.</summary>
    private static double Value(TransportProblem<double> problem)
    {
        using TransportResult<double> result = Solve(problem);
        return result.Status == SolveStatus.Converged ? result.TransportCost : double.NaN;
    }

    private static bool Agree(double left, double right) => Math.Abs(left - right) <= TwoCertificates * Math.Max(Math.Abs(left), Math.Abs(right));

    private static double[] Sixteenths(double[] values) => [.. values.Select(v => Math.Round(v * 16) / 16)];

    private static double[] Moved(double[] points, double[] shift) => [.. points.Select((v, k) => v + shift[k % shift.Length])];

    private static int[] Support(double[] weights) => [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0)];

    private static int[] Permutation(int seed, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new System.Random(seed).Shuffle(order);
        return order;
    }

    private sealed record Case(int Seed, int N, int M, int Dimension, int Ground, bool Coinciding)
    {
        public Cost Cost => ExactInputs.CostOf(Grounds[Ground]);

        public double[] X => Cloud(Seed, N);

        public double[] Y => Cloud(Seed + 1, M);

        public double[] A => Drawn.ExactWeights(Seed + 2, N);

        public double[] B => Drawn.ExactWeights(Seed + 3, M);

        public TransportProblem<double> Points() => ExactInputs.Points<double>(X, Y, Dimension, Cost, A, B);

        public double[] Matrix() => Grounds[Ground].Between(X, Y, Dimension);

        // One is added where points coincide: a point at the origin has no angle.
        private double[] Cloud(int seed, int count) =>
            Coinciding ? [.. Drawn.CoincidingCloud(seed, count, Dimension).Select(v => v + 1)] : Drawn.Cloud(seed, count, Dimension);
    }
}
