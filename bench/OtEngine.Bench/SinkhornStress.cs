using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace OtEngine.Bench;

/// <summary>
/// What entropic solves do under stress, as Markdown: sweeps whose kernels lie in the denormal range against ordinary ones, and how long a
/// cancelled solve takes to end.
/// </summary>
internal static class SinkhornStress
{
    private const int Atoms = 1000;
    private const int Sweeps = 200;
    private const int Rounds = 7;
    private const int Cancellations = 25;

    public static void Write(TextWriter output)
    {
        output.WriteLine("# Entropic transport under stress");
        output.WriteLine();
        output.WriteLine("Made by `dotnet run -c Release --project bench/OtEngine.Bench -- sinkhorn-stress`. One thread.");
        output.WriteLine();
        output.WriteLine($"{Sweeps} plain sweeps, {Atoms} x {Atoms}, medians of {Rounds}: costs within 10 eps, against costs of which most lie where exp(-C / eps) is a denormal number.");
        output.WriteLine();
        output.WriteLine("| type | ordinary, ms | denormal-heavy, ms | ratio |");
        output.WriteLine("|---|---|---|---|");
        CompareDenormals<float>(output, 88, 103);
        CompareDenormals<double>(output, 709, 744);
        output.WriteLine();
        output.WriteLine($"From `Cancel` to the exception, {Cancellations} times each, at random moments:");
        output.WriteLine();
        output.WriteLine("| problem | median, ms | most, ms |");
        output.WriteLine("|---|---|---|");
        Cancel(output, 2000, 256 << 20);
        Cancel(output, 20_000, 0);
    }

    private static void CompareDenormals<T>(TextWriter output, double least, double most)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double ordinary = Time<T>(0, 10);
        double heavy = Time<T>(least, most);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {typeof(T).Name} | {ordinary:F1} | {heavy:F1} | {heavy / ordinary:F2} |"));
    }

    private static double Time<T>(double least, double most)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // One cheap arc a row and column, so that the others stay where they are.
        Random random = new(2);
        T[] costs = [.. Enumerable.Range(0, Atoms * Atoms).Select(k => T.CreateChecked(k / Atoms == k % Atoms ? 0 : least + ((most - least) * random.NextDouble())))];
        TransportProblem<T> problem = TransportProblem.On(new DenseGeometry<T>(costs, Atoms, Atoms));
        Sinkhorn solver = new() { Epsilon = 1, Tolerance = 0, MaxIterations = Sweeps };
        using Engine engine = Engine.Create(o => o.Threads = 1);
        double[] times = new double[Rounds + 1];
        for (int round = 0; round < times.Length; round++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Solve(problem, solver).Dispose();
            times[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return Median(times[1..]);
    }

    private static void Cancel(TextWriter output, int atoms, long budget)
    {
        Random random = new(3);
        double[] x = [.. Enumerable.Range(0, 2 * atoms).Select(_ => random.NextDouble())];
        double[] y = [.. Enumerable.Range(0, 2 * atoms).Select(_ => random.NextDouble())];
        TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>(x, y, 2, Cost.SquaredEuclidean));
        using Engine engine = Engine.Create(o => (o.Threads, o.CostMatrixBudget) = (1, budget));
        double[] latencies = new double[Cancellations];
        for (int k = 0; k < latencies.Length; k++)
        {
            using CancellationTokenSource source = new();
            Task solve = Task.Run(() => engine.Solve(problem, new Sinkhorn { EpsilonRelative = 1e-4, Tolerance = 1e-14 }, null, source.Token).Dispose(), CancellationToken.None);
            Thread.Sleep(random.Next(1, 700));
            long start = Stopwatch.GetTimestamp();
            source.Cancel();
            try
            {
                solve.Wait(CancellationToken.None);
            }
            catch (AggregateException exception) when (exception.InnerException is OperationCanceledException)
            {
                latencies[k] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {atoms} x {atoms} points, budget {budget >> 20} MiB | {Median(latencies):F1} | {latencies.Max():F1} |"));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
