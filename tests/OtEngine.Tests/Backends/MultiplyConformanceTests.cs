using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb Multiply against three loops: the same bits, since every sum is fused and in order.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class MultiplyConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private Backend _backend = null!;

    // Around the width of vectors, of tiles on the CPU and on a device, and of slices; primes; nothing at all.
    private static readonly (int Rows, int Columns, int Inner)[] Shapes =
    [
        (1, 1, 1), (1, 9, 5), (9, 1, 5), (31, 32, 33), (33, 31, 32), (7, 13, 257), (64, 64, 64), (65, 129, 8), (129, 66, 9), (130, 131, 17), (3, 300, 2), (300, 3, 1), (5, 7, 0),
    ];

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [TestCaseSource(nameof(Shapes))]
    public void Product_OfAnyShape_HasTheBitsOfThreeLoops((int Rows, int Columns, int Inner) shape)
    {
        (int rows, int columns, int inner) = shape;
        foreach ((int transposedA, int transposedB) in ((int, int)[])[(0, 0), (1, 0), (0, 1), (1, 1)])
        {
            foreach ((double alpha, double beta) in ((double, double)[])[(1, 0), (-.75, 1.3)])
            {
                MatrixProduct product = new()
                {
                    Rows = rows,
                    Columns = columns,
                    Inner = inner,
                    TransposedA = transposedA,
                    TransposedB = transposedB,
                    A = 3,
                    B = 1,
                    C = 2,
                    Alpha = alpha,
                    Beta = beta,
                };
                T[] a = Draw(1, 3 + (rows * inner)), b = Draw(2, 1 + (inner * columns)), c = Draw(3, 2 + (rows * columns) + 2);
                if (beta == 0)
                    Array.Fill(c, T.NaN, 2, rows * columns);

                T[] found = Multiplied([product], a, b, c);

                Naive(product, a, b, c);
                Assert.That(found, Is.EqualTo(c), $"{product}");
            }
        }
    }

    [Test]
    public void Batch_OfManyShapes_HasTheBitsOfEachAlone()
    {
        List<MatrixProduct> products = [];
        int a = 0, b = 0, c = 0;
        foreach ((int rows, int columns, int inner) in ((int, int, int)[])[(0, 4, 4), .. Shapes, (4, 0, 4), (0, 0, 0), (40, 50, 60)])
        {
            products.Add(new MatrixProduct { Rows = rows, Columns = columns, Inner = inner, TransposedA = products.Count % 2, TransposedB = products.Count / 2 % 2, A = a, B = b, C = c, Alpha = 2, Beta = products.Count % 3 });
            (a, b, c) = (a + (rows * inner), b + (inner * columns), c + (rows * columns));
        }

        T[] ofA = Draw(4, a), ofB = Draw(5, b), ofC = Draw(6, c), alone = [.. ofC];

        T[] together = Multiplied([.. products], ofA, ofB, ofC);

        foreach (MatrixProduct product in products)
            alone = Multiplied([product], ofA, ofB, alone);
        Assert.That(together, Is.EqualTo(alone));
    }

    [Test]
    public void Product_OverManyThreads_HasTheBitsOfOne()
    {
        MatrixProduct product = new() { Rows = 150, Columns = 140, Inner = 130, A = 0, B = 0, C = 0, Alpha = 1 };
        T[] a = Draw(7, 150 * 130), b = Draw(8, 130 * 140), c = new T[150 * 140];

        T[] one = Multiplied([product], a, b, c, threads: 1);

        Assert.That(Multiplied([product], a, b, c, threads: 7), Is.EqualTo(one));
    }

    [Test]
    public void Matrix_BeyondItsBuffer_IsRefused()
    {
        MatrixProduct product = new() { Rows = 2, Columns = 3, Inner = 4, A = 0, B = 0, C = 0, Alpha = 1 };
        foreach (MatrixProduct wrong in (MatrixProduct[])[product with { A = 1 }, product with { B = 1 }, product with { C = 1 }, product with { A = -1 }, product with { Inner = 5 }, product with { Rows = -2 }])
            Assert.That(() => Multiplied([wrong], new T[8], new T[12], new T[6]), Throws.InstanceOf<ArgumentOutOfRangeException>(), $"{wrong}");
    }

    private static T[] Draw(int seed, int count) => [.. Drawn.Uniform(seed, count).Select(u => T.CreateTruncating((2 * u) - 1))];

    private static void Naive(MatrixProduct product, T[] a, T[] b, T[] c)
    {
        T alpha = T.CreateTruncating(product.Alpha), beta = T.CreateTruncating(product.Beta);
        for (int i = 0; i < product.Rows; i++)
        {
            for (int j = 0; j < product.Columns; j++)
            {
                T sum = T.Zero;
                for (int k = 0; k < product.Inner; k++)
                {
                    T left = a[product.A + (product.TransposedA != 0 ? (k * product.Rows) + i : (i * product.Inner) + k)];
                    T right = b[product.B + (product.TransposedB != 0 ? (j * product.Inner) + k : (k * product.Columns) + j)];
                    sum = T.FusedMultiplyAdd(left, right, sum);
                }

                ref T place = ref c[product.C + (i * product.Columns) + j];
                place = beta == T.Zero ? alpha * sum : T.FusedMultiplyAdd(alpha, sum, beta * place);
            }
        }
    }

    private T[] Multiplied(MatrixProduct[] products, T[] a, T[] b, T[] c, int threads = 2)
    {
        using BackendBuffer<T> ofA = Buffer(a), ofB = Buffer(b), ofC = Buffer(c);
        _backend.Multiply(products, ofA, ofB, ofC, new Execution(_backend, threads, 0, null, CancellationToken.None));
        T[] found = new T[c.Length];
        ofC.CopyTo(found, 0);
        return found;
    }

    private BackendBuffer<T> Buffer(T[] elements)
    {
        BackendBuffer<T> buffer = _backend.Allocate<T>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }
}
