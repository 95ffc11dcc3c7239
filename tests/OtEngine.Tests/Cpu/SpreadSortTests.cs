using System.Numerics;
using NUnit.Framework;
using OtEngine.Cpu;

namespace OtEngine.Tests.Cpu;

/// <summary>SpreadSort against sorting by value and then index, on values that are spread evenly, and on those that are not.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class SpreadSortTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Around the width of vectors and the elements that are moved one by one; a prime; more buckets than one pass has.
    private static readonly int[] Sizes = [0, 1, 2, 7, 8, 9, 31, 32, 33, 64, 65, 257, 1009, 40_000];

    private static readonly double Largest = typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue;

    public static string[] Kinds =>
        ["normal", "ascending", "descending", "equal", "two values", "signed zeros", "denormals", "huge range", "whole range", "an outlier", "clusters", "few values far away", "infinite"];

    [TestCaseSource(nameof(Kinds))]
    public void Sort_OfAnyValues_IsThatByValueAndIndex(string kind)
    {
        SpreadSort sort = new();
        foreach (int count in Sizes)
        {
            T[] values = Draw(kind, count);
            int[] expected = [.. Enumerable.Range(0, count).OrderBy(i => values[i]).ThenBy(i => i)], order = new int[count];
            T[] inOrder = Array.ConvertAll(expected, i => values[i] + T.Zero), sorted = new T[count], alone = new T[count];

            sort.Sort<T>(values, sorted, order);
            sort.Sort<T>(values, alone);

            Assert.That(order, Is.EqualTo(expected), $"{count}");
            Assert.That(sorted, Is.EqualTo(inOrder), $"{count}");
            Assert.That(alone, Is.EqualTo(inOrder), $"{count}");
            Assert.That(sorted.Concat(alone).Where(T.IsNegative), Is.Not.Contains(T.Zero), $"{count}: -0 becomes 0");
        }
    }

    [Test]
    public void Sort_WithMemoryOfALargerOne_ForgetsIt()
    {
        SpreadSort sort = new();
        foreach (string kind in (string[])["normal", "an outlier", "normal"])
        {
            foreach (int count in (int[])[40_000, 300, 1009])
            {
                T[] values = Draw(kind, count), sorted = new T[count];
                int[] order = new int[count];
                sort.Sort<T>(values, sorted, order);
                Assert.That(order, Is.EqualTo(Enumerable.Range(0, count).OrderBy(i => values[i]).ThenBy(i => i)), $"{kind}, {count}");
            }
        }
    }

    private static T[] Draw(string kind, int count)
    {
        Random random = new(count + 1);
        double smallest = double.CreateTruncating(T.Epsilon);
        Func<int, double> value = kind switch
        {
            "normal" => _ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()),
            "ascending" => i => i * 0.37,
            "descending" => i => -i * 0.37,
            "equal" => _ => 2.5,
            "two values" => _ => random.Next(2),
            "signed zeros" => i => (random.Next(3) - 1) * (i % 2 == 0 ? 0.0 : -0.0) + (random.Next(4) == 0 ? 1 : 0),
            "denormals" => _ => smallest * random.Next(-50, 50),
            "huge range" => _ => (random.Next(2) == 0 ? -1 : 1) * Math.Pow(10, (36 * random.NextDouble()) - 30),
            "whole range" => i => i == 0 ? Largest : i == 1 ? -Largest : random.NextDouble(),
            // All others are one number of the fixed point.
            "an outlier" => i => i == count / 2 ? Largest / 4 : random.NextDouble(),
            // Nested: each cluster has clusters, down to neighbours in T.
            "clusters" => _ => random.Next(3) + Math.ScaleB(random.Next(3), -12) + Math.ScaleB(random.Next(40), -23),
            "few values far away" => _ => random.Next(20) == 0 ? 1e6 * random.Next(3) : random.NextDouble(),
            "infinite" => i => i % 50 == 3 ? double.PositiveInfinity : i % 50 == 7 ? double.NegativeInfinity : random.NextDouble(),
            _ => throw new ArgumentException(kind, nameof(kind)),
        };
        return [.. Enumerable.Range(0, count).Select(i => T.CreateTruncating(value(i)))];
    }
}
