using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class PairwiseCommandTests
{
    private const double Rounding = 1e-12;

    // The tolerance asked for, times potentials of the size of the costs.
    private const double EntropicError = 1e-9;
    private const int Bins = 6;
    private const int Count = 23;

    /// <summary>Two answers whose marginals are each within 1e-6 on both sides, at costs of at most 5: 2 x 2 x 1e-6 x 5.</summary>
    private const double ToleranceOfConverged = 2e-5;

    [Test]
    public void Pairwise_ProportionalHistograms_AreAtDistanceZero()
    {
        using TemporaryFolder folder = new();
        string h = CaseFiles.Text(folder, "h.csv", "1,2,4,0,5,7\n3,6,12,0,15,21\n0.7,1.4,2.8,0,3.5,4.9\n5,0,1,2,2,3\n35,0,7,14,14,21\n");
        JsonElement answer = CliRun.Answer("pairwise", "--histograms", h, "--grid", "2x3", "--out", folder.PathOf("d.npy"));

        double[] matrix = NumericFile.Read(folder.PathOf("d.npy")).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(matrix, Has.None.NaN);
            foreach ((int i, int j) in new[] { (0, 1), (0, 2), (1, 2), (3, 4) })
                Assert.That(matrix[(i * 5) + j], Is.InRange(0, 1e-15), "roundings of masses below one over costs up to 5");
        }
    }

    [Test]
    public void Pairwise_SmallGrid_GivesTheCostsOfEveryPair()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 1);
        JsonElement answer = CliRun.Answer([.. Command(folder, histograms), "--out", folder.PathOf("d.npy")]);

        NumericArray matrix = NumericFile.Read(folder.PathOf("d.npy"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(matrix.Shape.ToArray(), Is.EqualTo(new[] { Count, Count }));
            Assert.That(matrix.TypeName, Is.EqualTo("float64"));
            Assert.That(answer.GetProperty("problems").GetInt64(), Is.EqualTo(Count * (Count - 1) / 2));
            Assert.That(answer.GetProperty("problems_solved").GetInt64(), Is.EqualTo(Count * (Count - 1) / 2));
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(matrix.Values.Sum() / (Count * (Count - 1))).Within(Rounding));
            for (int i = 0; i < Count; i++)
            {
                for (int j = 0; j < Count; j++)
                    Assert.That(matrix.Values[(i * Count) + j], Is.EqualTo(Expected(histograms, i, j)).Within(Rounding), $"{i}, {j}");
            }
        }
    }

    [Test]
    public void Pairwise_CostMatrixThatIsNotSymmetric_FillsBothTriangles()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Text(folder, "c.csv", "0,1\n3,0\n");
        string histograms = CaseFiles.Text(folder, "h.csv", "1,0\n0,1\n");
        CliRun.Answer("pairwise", "--histograms", histograms, "--cost-matrix", costs, "--out", folder.PathOf("d.npy"));
        Assert.That(NumericFile.Read(folder.PathOf("d.npy")).Values, Is.EqualTo(new double[] { 0, 1, 3, 0 }));
    }

    [Test]
    public void Pairwise_CostMatrixWithADiagonal_SolvesTheDiagonal()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Text(folder, "c.csv", "2,5\n5,2\n");
        string histograms = CaseFiles.Text(folder, "h.csv", "1,0\n0,1\n");
        CliRun.Answer("pairwise", "--histograms", histograms, "--cost-matrix", costs, "--out", folder.PathOf("d.npy"));
        Assert.That(NumericFile.Read(folder.PathOf("d.npy")).Values, Is.EqualTo(new double[] { 2, 5, 5, 2 }));
    }

    [Test]
    public void Pairwise_Distance_IsTheRootOfTheCost()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 2);
        CliRun.Answer([.. Command(folder, histograms), "--distance", "--out", folder.PathOf("d.npy")]);
        double[] matrix = NumericFile.Read(folder.PathOf("d.npy")).Values;
        Assert.That(matrix[1], Is.EqualTo(Math.Sqrt(Expected(histograms, 0, 1))).Within(Rounding));
    }

    [Test]
    public void Pairwise_Labels_GiveTheAccuracyOfTheVote()
    {
        using TemporaryFolder folder = new();
        string labelled = CaseFiles.Text(folder, "h.csv", "7,9,0,0\n7,8,1,0\n7,9,1,0\n4,0,0,9\n4,0,1,9\n7,0,1,8\n");
        string plain = CaseFiles.Text(folder, "p.csv", "9,0,0\n8,1,0\n9,1,0\n0,0,9\n0,1,9\n0,1,8\n");
        string labels = CaseFiles.Text(folder, "y.csv", "label\n7\n7\n7\n4\n4\n7\n");
        JsonElement byColumn = CliRun.Answer("pairwise", "--histograms", labelled, "--grid", "1x3", "--label-column", "0", "--neighbours", "2");
        JsonElement byFile = CliRun.Answer("pairwise", "--histograms", plain, "--grid", "3", "--labels", labels, "--neighbours", "2");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(byColumn.GetProperty("accuracy").GetDouble(), Is.EqualTo(byFile.GetProperty("accuracy").GetDouble()));
            Assert.That(byColumn.GetProperty("value").GetDouble(), Is.EqualTo(byColumn.GetProperty("accuracy").GetDouble()));
            Assert.That(byColumn.GetProperty("neighbours").GetInt64(), Is.EqualTo(2));
        }
    }

    [Test]
    public void Pairwise_Digits_AreToldApart()
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer(
            "pairwise", "--histograms", Digits, "--label-column", "last", "--grid", "8x8", "--limit", "60", "--plot", folder.PathOf("digits.svg"));
        Assert.That(answer.GetProperty("accuracy").GetDouble(), Is.GreaterThan(0.8));
        Assert.That(File.ReadAllText(folder.PathOf("digits.svg")), Does.StartWith("<svg").And.Contain("One of each label"));
    }

    [Test]
    public void Pairwise_FileCutOff_IsContinuedToTheSameBytes()
    {
        using TemporaryFolder folder = new();
        string[] command = [.. Command(folder, Histograms(seed: 3)), "--out", folder.PathOf("d.npy")];
        CliRun.Answer(command);
        byte[] whole = File.ReadAllBytes(folder.PathOf("d.npy"));

        // As after a power cut: some rows missing, one of them in the middle, some mirror images missing.
        byte[] cut = [.. whole];
        int header = whole.Length - (8 * Count * Count);
        foreach (int entry in Enumerable.Range(Count * 5, Count * 2).Concat(Enumerable.Range((Count * 9) + 12, (Count * 14) - 12)))
            BitConverter.TryWriteBytes(cut.AsSpan(header + (8 * entry)), double.NaN);
        File.WriteAllBytes(folder.PathOf("d.npy"), cut);

        JsonElement again = CliRun.Answer(command);
        Assert.That(File.ReadAllBytes(folder.PathOf("d.npy")), Is.EqualTo(whole));
        Assert.That(again.GetProperty("problems_solved").GetInt64(), Is.Positive.And.LessThan(Count * (Count - 1) / 2));
        Assert.That(CliRun.Answer(command).GetProperty("problems_solved").GetInt64(), Is.Zero);
    }

    [Test]
    public void Pairwise_ThreadsAndInterruption_ChangeNoBit()
    {
        using TemporaryFolder folder = new();
        string[] command = ["pairwise", "--histograms", Digits, "--label-column", "last", "--grid", "8x8", "--limit", "200"];
        string interrupted = folder.PathOf("interrupted.npy");
        using CancellationTokenSource stop = new();
        Task watcher = Task.Run(() =>
        {
            CaseFiles.WaitUntilWritten(interrupted, () => stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1)));
            stop.Cancel();
        });
        CliRun first = CliRun.Of(stop.Token, [.. command, "--out", interrupted, "--json"]);
        stop.Cancel();
        watcher.Wait();
        Assert.That(first.Code, Is.EqualTo(130));
        Assert.That(first.Json.GetProperty("problems_solved").GetInt64(), Is.Positive.And.LessThan(first.Json.GetProperty("problems").GetInt64()));
        Assert.That(NumericFile.Read(interrupted).Values, Has.Some.NaN);

        JsonElement second = CliRun.Answer([.. command, "--out", interrupted]);
        CliRun.Answer([.. command, "--out", folder.PathOf("straight.npy"), "--threads", "1"]);
        Assert.That(File.ReadAllBytes(interrupted), Is.EqualTo(File.ReadAllBytes(folder.PathOf("straight.npy"))));
        Assert.That(
            first.Json.GetProperty("problems_solved").GetInt64() + second.GetProperty("problems_solved").GetInt64(),
            Is.EqualTo(200 * 199 / 2));
    }

    [Test]
    public void Pairwise_FileOfOtherInputs_IsRefused()
    {
        using TemporaryFolder folder = new();
        string[] output = ["--out", folder.PathOf("d.npy")];
        CliRun.Answer([.. Command(folder, Histograms(seed: 4)), .. output]);
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 5)), .. output], "d.npy", "other inputs");
            CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 4)), "--cost", "euclidean", .. output], "d.npy", "other inputs");
            CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 4)), "--distance", .. output], "d.npy", "other inputs");
            CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 4)), "--dtype", "float32", .. output], "d.npy", "other inputs");
            CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 4)), "--limit", "5", .. output], "d.npy", "5 x 5");
        }
    }

    [Test]
    public void Pairwise_FileSavedByNumPy_IsContinuedAfterItsEntriesWereCheckedAgain()
    {
        using TemporaryFolder folder = new();
        string[] command = [.. Command(folder, Histograms(seed: 6)), "--out", folder.PathOf("d.npy")];
        CliRun.Answer(command);
        double[] whole = NumericFile.Read(folder.PathOf("d.npy")).Values;
        double[] cut = [.. whole];
        cut.AsSpan(Count * 8).Fill(double.NaN);

        NpyWriter.Write<double>(folder.PathOf("d.npy"), cut, Count, Count);
        Assert.That(CliRun.Answer(command).GetProperty("problems_solved").GetInt64(), Is.Positive);
        Assert.That(NumericFile.Read(folder.PathOf("d.npy")).Values, Is.EqualTo(whole));

        NpyWriter.Write<double>(folder.PathOf("d.npy"), cut, Count, Count);
        CliRun.AssertRefused(2, [.. Command(folder, Histograms(seed: 7)), "--out", folder.PathOf("d.npy")], "d.npy", "entry [0, 1]", "give");
    }

    [Test]
    public void Pairwise_BadInput_IsRefused()
    {
        using TemporaryFolder folder = new();
        string h = CaseFiles.Text(folder, "h.csv", "1,2,3\n4,5,6\n");
        string zero = CaseFiles.Text(folder, "zero.csv", "a,b,c\n1,2,3\n0,0,0\n");
        string negative = CaseFiles.Text(folder, "negative.csv", "1,2,3\n4,-5,6\n");
        string costs = CaseFiles.Text(folder, "c.csv", "0,1\n1,0\n");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["pairwise", "--grid", "3"], "--histograms is missing");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h], "--cost-matrix", "--grid");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--cost-matrix", costs], "--cost-matrix", "--grid");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "2x2"], "2x2 has 4 pixels", "3 bins");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3x"], "--grid is '3x'", "8x8");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--cost-matrix", costs], costs, "2 x 2", "3 x 3");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--cost-matrix", costs, "--distance"], "--distance");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--cost", "cosine"], "--cost");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", zero, "--grid", "3"], zero, "row 3", "mass 0");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", negative, "--grid", "3"], negative, "row 2, column 2", "-5");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--label-column", "3"], "--label-column", "columns 0 to 2");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--labels", CaseFiles.Text(folder, "y.csv", "1\n")], "1 labels", "2 are needed");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--labels", CaseFiles.Text(folder, "z.csv", "1\n2\n3\n")], "3 labels", "2 are needed");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--out", folder.PathOf("d.csv")], "d.csv", ".npy");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--method", "sliced"], "sliced", "exact", "sinkhorn");
            CliRun.AssertRefused(2, ["pairwise", "--histograms", h, "--grid", "3", "--epsilon", "1"], "--epsilon", "--method sinkhorn", "exact");
        }
    }

    [Test]
    public void Pairwise_Sinkhorn_SolvesTheDiagonalTooAndIsSymmetric()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 8);
        JsonElement answer = CliRun.Answer([.. Sinkhorn(folder, histograms), "--epsilon", "0.7", "--tolerance", "1e-11", "--out", folder.PathOf("d.npy")]);

        double[] matrix = NumericFile.Read(folder.PathOf("d.npy")).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(answer.GetProperty("method").GetString(), Is.EqualTo("sinkhorn"));
            Assert.That(answer.GetProperty("epsilon").GetDouble(), Is.EqualTo(0.7));
            Assert.That(answer.GetProperty("problems").GetInt64(), Is.EqualTo(Count * (Count + 1) / 2));
            for (int i = 0; i < Count; i++)
            {
                for (int j = 0; j < Count; j++)
                {
                    Assert.That(matrix[(i * Count) + j], Is.EqualTo(matrix[(j * Count) + i]));
                    if (j >= i)
                        Assert.That(matrix[(i * Count) + j], Is.EqualTo(Entropic(histograms, i, j, 0.7)).Within(EntropicError), $"{i}, {j}");
                }
            }
        }
    }

    [Test]
    public void Pairwise_RelativeEpsilon_IsThatOfTheMeanCostAndEchoed()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 9);
        double mean = PixelCosts().Average();
        JsonElement preset = CliRun.Answer([.. Sinkhorn(folder, histograms), "--out", folder.PathOf("d.npy")]);
        JsonElement same = CliRun.Answer([.. Sinkhorn(folder, histograms), "--epsilon-relative", "0.05", "--out", folder.PathOf("d.npy")]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(preset.GetProperty("epsilon").GetDouble(), Is.EqualTo(0.05 * mean).Within(Rounding));
            Assert.That(same.GetProperty("problems_solved").GetInt64(), Is.Zero, "it is the default");
        }
    }

    [Test]
    public void Pairwise_SinkhornOnALargeGrid_GivesWhatItsCostMatrixGives()
    {
        using TemporaryFolder folder = new();
        (int height, int width) = (37, 29);
        Random random = new(12);
        double[] images = [.. Enumerable.Range(0, 3 * height * width).Select(_ => Math.Max(0, random.Next(-4, 9)))];
        string histograms = CaseFiles.Write(folder, "h", images, height * width);
        double[] costs = new double[height * width * height * width];
        for (int u = 0; u < height * width; u++)
        {
            for (int v = 0; v < height * width; v++)
                costs[(u * height * width) + v] = Math.Abs((u / width) - (v / width)) + Math.Abs((u % width) - (v % width));
        }

        string matrix = CaseFiles.Write(folder, "c", costs, height * width);
        string[] common = ["pairwise", "--histograms", histograms, "--method", "sinkhorn", "--tolerance", "1e-9"];
        JsonElement byGrid = CliRun.Answer([.. common, "--grid", $"{height}x{width}", "--cost", "cityblock", "--out", folder.PathOf("g.npy")]);
        JsonElement byMatrix = CliRun.Answer([.. common, "--cost-matrix", matrix, "--out", folder.PathOf("m.npy")]);
        double[] expected = NumericFile.Read(folder.PathOf("m.npy")).Values;
        double[] found = NumericFile.Read(folder.PathOf("g.npy")).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(byGrid.GetProperty("epsilon").GetDouble(), Is.EqualTo(byMatrix.GetProperty("epsilon").GetDouble()).Within(Rounding));
            for (int k = 0; k < found.Length; k++)
                Assert.That(found[k], Is.EqualTo(expected[k]).Within(1e-6), $"entry {k}");
            CliRun.AssertRefused(
                2, [.. common, "--grid", $"{height}x{width}", "--cost", "sqeuclidean", "--epsilon", byGrid.GetProperty("epsilon").GetRawText(), "--out", folder.PathOf("g.npy")], "other inputs");
        }
    }

    [Test]
    public void Pairwise_FileOfAnotherMethodOrEpsilon_IsRefused()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 10);
        string[] output = ["--out", folder.PathOf("d.npy")];
        CliRun.Answer([.. Sinkhorn(folder, histograms), "--epsilon", "1", .. output]);
        byte[] before = File.ReadAllBytes(folder.PathOf("d.npy"));
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, [.. Sinkhorn(folder, histograms), "--epsilon", "2", .. output], "d.npy", "other inputs or options");
            CliRun.AssertRefused(2, [.. Sinkhorn(folder, histograms), .. output], "d.npy", "other inputs or options");
            CliRun.AssertRefused(2, [.. Sinkhorn(folder, histograms), "--epsilon", "1", "--tolerance", "1e-7", .. output], "d.npy", "other inputs or options");
            CliRun.AssertRefused(2, [.. Command(folder, histograms), .. output], "d.npy", "other inputs or options");
            Assert.That(File.ReadAllBytes(folder.PathOf("d.npy")), Is.EqualTo(before));
        }
    }

    [Test]
    public void Pairwise_TooFewIterations_LeavesNaNAndIsFinishedByMore()
    {
        using TemporaryFolder folder = new();
        double[] histograms = Histograms(seed: 11);
        string labels = CaseFiles.Write(folder, "y", [.. Enumerable.Range(0, Count).Select(i => (double)(i % 2))], 1);
        string[] command = [.. Sinkhorn(folder, histograms), "--epsilon", "0.1", "--labels", labels];
        CliRun first = CliRun.Of([.. command, "--max-iterations", "12", "--out", folder.PathOf("d.npy"), "--json"]);
        double[] partial = NumericFile.Read(folder.PathOf("d.npy")).Values;
        JsonElement second = CliRun.Answer([.. command, "--out", folder.PathOf("d.npy")]);
        CliRun.Answer([.. command, "--out", folder.PathOf("straight.npy")]);
        double[] finished = NumericFile.Read(folder.PathOf("d.npy")).Values;
        double[] straight = NumericFile.Read(folder.PathOf("straight.npy")).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Code, Is.EqualTo(1));
            Assert.That(first.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
            Assert.That(first.Json.GetProperty("advice").GetString(), Does.Contain("Rows ").And.Contain("more iterations"));
            Assert.That(first.Json.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null), "no accuracy without all distances");
            Assert.That(first.Json.TryGetProperty("accuracy", out _), Is.False);
            Assert.That(partial, Has.Some.NaN);
            Assert.That(second.GetProperty("status").GetString(), Is.EqualTo("converged"));
            for (int k = 0; k < partial.Length; k++)
            {
                Assert.That(finished[k], Is.EqualTo(double.IsNaN(partial[k]) ? straight[k] : partial[k]), $"entry {k} was kept, or solved as at once");
                Assert.That(finished[k], Is.EqualTo(straight[k]).Within(ToleranceOfConverged), $"entry {k} met the tolerance at either limit");
            }
        }
    }

    [Test]
    public void Pairwise_SinkhornInterrupted_GoesOnToTheSameBytes()
    {
        using TemporaryFolder folder = new();
        string[] command = ["pairwise", "--method", "sinkhorn", "--epsilon", "1", "--histograms", Digits, "--label-column", "last", "--grid", "8x8", "--limit", "150"];
        string interrupted = folder.PathOf("interrupted.npy");
        using CancellationTokenSource stop = new();
        Task watcher = Task.Run(() =>
        {
            CaseFiles.WaitUntilWritten(interrupted, () => stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1)));
            stop.Cancel();
        });
        CliRun first = CliRun.Of(stop.Token, [.. command, "--out", interrupted, "--json"]);
        stop.Cancel();
        watcher.Wait();
        Assert.That(first.Code, Is.EqualTo(130));
        Assert.That(first.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));

        JsonElement second = CliRun.Answer([.. command, "--out", interrupted]);
        CliRun.Answer([.. command, "--out", folder.PathOf("straight.npy"), "--threads", "1"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes(interrupted), Is.EqualTo(File.ReadAllBytes(folder.PathOf("straight.npy"))));
            Assert.That(second.GetProperty("accuracy").GetDouble(), Is.GreaterThan(0.8));
        }
    }

    private static string Digits => Path.Combine(TestContext.CurrentContext.TestDirectory, "samples", "data", "digits.csv");

    private static string[] Command(TemporaryFolder folder, double[] histograms) =>
        ["pairwise", "--histograms", CaseFiles.Write(folder, "h", histograms, Bins), "--grid", "2x3"];

    // Uneven masses, a quarter of the bins empty, and totals that are not one.
    private static double[] Histograms(int seed)
    {
        Random random = new(seed);
        double[] histograms = new double[Count * Bins];
        for (int i = 0; i < histograms.Length; i++)
            histograms[i] = i % Bins == 0 ? 1 : Math.Max(0, random.Next(-4, 13));
        return histograms;
    }

    private static string[] Sinkhorn(TemporaryFolder folder, double[] histograms) => [.. Command(folder, histograms), "--method", "sinkhorn"];

    private static double Expected(double[] histograms, int i, int j) =>
        NaiveTransportLp.Solve(PixelCosts(), Histogram(histograms, i), Histogram(histograms, j)).Value;

    private static double Entropic(double[] histograms, int i, int j, double epsilon)
    {
        (double[] costs, double[] a, double[] b) = (PixelCosts(), Histogram(histograms, i), Histogram(histograms, j));
        (double[] f, double[] g, _) = NaiveSinkhorn.Solve(costs, a, b, epsilon, 1e-13);
        return costs.Zip(NaiveEntropic.Plan(costs, a, b, f, g, epsilon), (cost, mass) => cost * mass).Sum();
    }

    private static double[] PixelCosts()
    {
        double[] costs = new double[Bins * Bins];
        for (int u = 0; u < Bins; u++)
        {
            for (int v = 0; v < Bins; v++)
                costs[(u * Bins) + v] = Math.Pow((u / 3) - (v / 3), 2) + Math.Pow((u % 3) - (v % 3), 2);
        }

        return costs;
    }

    private static double[] Histogram(double[] histograms, int i)
    {
        double[] masses = histograms[(i * Bins)..((i + 1) * Bins)];
        return [.. masses.Select(mass => mass / masses.Sum())];
    }
}
