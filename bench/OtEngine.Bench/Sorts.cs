using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using OtEngine.Cpu;

namespace OtEngine.Bench;

/// <summary>Sorts of positions with their indices by size: what sliced and one-dimensional transport use, and what it was chosen over.</summary>
internal static class Sorts
{
    private const int Rounds = 15;
    private const int KeysOfARound = 400_000;
    private static readonly int[] Sizes = [16, 32, 100, 1000, 10_000, 100_000, 1_000_000];

    public static void Write(TextWriter output)
    {
        output.WriteLine("# Sorts of positions\n");
        output.WriteLine("Made by `dotnet run -c Release --project bench/OtEngine.Bench -- sorts`. One thread. Nanoseconds a key, the least of " + Rounds + " rounds, of doubles that are");
        output.WriteLine("normally distributed: with their indices by `SpreadSort`, by `RadixSort` (bytes from the lowest), by a quicksort that moves four keys at once (AVX2); and the");
        output.WriteLine("values alone by `SpreadSort` and by `Span.Sort`.\n");
        output.WriteLine("| keys | spread | radix | quicksort | spread, values alone | `Span.Sort`, values alone |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (int count in Sizes)
        {
            double[] values = Inputs.Normals(1, count), sorted = new double[count];
            int[] order = new int[count];
            SpreadSort spread = new();
            VectorQuicksort quicksort = new(count);
            double[] nanoseconds =
            [
                Least(count, () => spread.Sort<double>(values, sorted, order)),
                Least(count, () => RadixSort.Sort<double>(values, sorted, order)),
                Avx2.IsSupported ? Least(count, () => quicksort.Sort(values, sorted, order)) : double.NaN,
                Least(count, () => spread.Sort<double>(values, sorted)),
                Least(count, () =>
                {
                    values.CopyTo(sorted, 0);
                    sorted.AsSpan().Sort();
                }),
            ];
            output.WriteLine($"| {count} | {string.Join(" | ", nanoseconds.Select(time => time.ToString("F1", CultureInfo.InvariantCulture)))} |");
        }
    }

    private static double Least(int count, Action sort)
    {
        int repeats = Math.Max(1, KeysOfARound / count);
        double least = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int k = 0; k < repeats; k++)
                sort();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)repeats * count));
        }

        return least;
    }
}
