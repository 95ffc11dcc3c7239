using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>The verb Multiply by cuBLAS against three loops in double.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class CublasMultiplyTests<T> : CublasHostTests
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly (int Rows, int Columns, int Inner)[] Shapes = [(1, 1, 1), (1, 9, 5), (9, 1, 5), (7, 13, 31), (16, 16, 16), (17, 3, 64), (5, 7, 0), (0, 3, 2), (3, 0, 2)];

    /// <summary>Half the distance from one to the next number of T: the relative error of one operation.</summary>
    private static readonly double Roundoff = double.CreateChecked(T.BitIncrement(T.One) - T.One) / 2;

    [TestCaseSource(nameof(Shapes))]
    public void Product_OfAnyShape_IsWithinTheBoundOfItsSums((int Rows, int Columns, int Inner) shape)
    {
        using CudaRuntime runtime = OpenWithCublas();
        foreach ((int transposedA, int transposedB) in ((int, int)[])[(0, 0), (1, 0), (0, 1), (1, 1)])
        {
            foreach ((double alpha, double beta) in ((double, double)[])[(1, 0), (-.75, 1.3), (0, 1.3), (2, 1)])
            {
                MatrixProduct product = Product(shape) with { TransposedA = transposedA, TransposedB = transposedB, A = 3, B = 1, C = 2, Alpha = alpha, Beta = beta };
                Case given = new(1, [product]);
                if (beta == 0)
                    Array.Fill(given.C, T.NaN, 2, shape.Rows * shape.Columns);
                given.RequireRight(given.Multiplied(runtime), $"{product}");
            }
        }
    }

    [Test]
    public void Batch_OfManyShapes_IsRight_WhateverTheOrderOfStreams()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Case given = new(2, Packed([.. Shapes, (4, 5, 6), (4, 5, 6), (4, 5, 6), (2, 2, 2)]));
        for (ulong seed = 0; seed < 5; seed++)
        {
            Host.Seed(seed);
            given.RequireRight(given.Multiplied(runtime), $"seed {seed}");
        }
    }

    [Test]
    public void BatchOfOneShape_IsOneCall()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Case given = new(3, Packed([.. Enumerable.Repeat((4, 5, 6), 20)]));
        Host.FailCall(Gemm, 2, 14);
        given.RequireRight(given.Multiplied(runtime), "one call");
        Assert.Throws<CublasException>(() => given.Multiplied(runtime), "the call after it");
    }

    [Test]
    public void Operands_AreNotRounded()
    {
        using CudaRuntime runtime = OpenWithCublas();
        T next = T.BitIncrement(T.One);
        Case given = new(4, [Product((1, 1, 1))]) { A = [next], B = [T.One] };
        Assert.That(given.Multiplied(runtime)[0], Is.EqualTo(next));
    }

    [Test]
    public void WhereNothingIsMultiplied_OperandsThatAreNotFiniteCount_AsInTheKernel()
    {
        Case given = new(5, [Product((2, 2, 2)) with { Alpha = 0, Beta = 1 }]);
        given.A[0] = T.PositiveInfinity;
        using CudaRuntime own = Host.Open();
        using CudaRuntime runtime = OpenWithCublas();
        T[] expected = given.Multiplied(own);
        Assert.That(expected, Has.Some.NaN);
        Assert.That(given.Multiplied(runtime), Is.EqualTo(expected));
    }

    [Test]
    public void BitsOfAProduct_MayDependOnItsBatch_OnlyWhereThatIsAllowed()
    {
        Case alone = new(6, [Product((7, 13, 31))]);
        Case twice = new(6, [alone.Products[0], alone.Products[0] with { C = 91 }]) { A = alone.A, B = alone.B };
        using CudaRuntime runtime = OpenWithCublas();
        Assert.That(twice.Multiplied(runtime)[..91], Is.Not.EqualTo(alone.Multiplied(runtime)), "what stands in for cuBLAS sums in another order");
        using CudaRuntime invariant = Host.Open(o => o.CublasPath = Host.CublasPath);
        Assert.That(twice.Multiplied(invariant)[..91], Is.EqualTo(alone.Multiplied(invariant)));
    }

    [Test]
    public void ProductsOfManyThreads_DoNotDisturbEachOther()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Case[] given = [.. Enumerable.Range(0, 16).Select(k => new Case(10 + k, [Product((5, 6, 7)) with { TransposedA = k % 2 }]))];
        T[][] expected = Array.ConvertAll(given, each => each.Multiplied(runtime));
        Host.Seed(3);
        T[][] found = new T[given.Length][];
        Parallel.For(0, given.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, k => found[k] = given[k].Multiplied(runtime));
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(Host.Live(HostObject.BlasHandles), Is.EqualTo(1));
    }

    [Test]
    public void ProductsQueuedInTwoStreams_EachWithAWorkspace_AreRight()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Case first = new(30, [Product((5, 6, 7))]), second = new(31, [Product((6, 4, 9))]);
        T[] expectedFirst = first.Multiplied(runtime), expectedSecond = second.Multiplied(runtime);
        using CudaBuffer<byte> workspace = runtime.Allocate<byte>(runtime.Cublas!.WorkspaceBytes), other = runtime.Allocate<byte>(runtime.Cublas.WorkspaceBytes);
        using Case.Buffers ofFirst = first.On(runtime), ofSecond = second.On(runtime);
        int spoiled = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Assert.That(AreRight(seed, other), $"seed {seed}");
            spoiled += AreRight(seed, workspace) ? 0 : 1;
        }

        Assert.That(spoiled, Is.GreaterThan(0), "one workspace for both spoils a product sooner or later");

        bool AreRight(ulong seed, CudaBuffer<byte> ofSecondStream)
        {
            Host.Seed(seed);
            using StreamLease one = runtime.Rent(), two = runtime.Rent();
            runtime.Cublas!.Multiply(one.Stream, workspace, CublasProduct.Of(first.Products)[0], ofFirst.A, ofFirst.B, ofFirst.C);
            runtime.Cublas.Multiply(two.Stream, ofSecondStream, CublasProduct.Of(second.Products)[0], ofSecond.A, ofSecond.B, ofSecond.C);
            one.Stream.Synchronize();
            two.Stream.Synchronize();
            return ofFirst.Result().AsSpan().SequenceEqual(expectedFirst) && ofSecond.Result().AsSpan().SequenceEqual(expectedSecond);
        }
    }

    [Test]
    public void ProductCapturedIntoAGraph_IsComputedAtEachLaunch()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Case given = new(7, [Product((5, 6, 7))]), changed = new(8, [Product((5, 6, 7))]);
        T[] expected = given.Multiplied(runtime), expectedOfChanged = changed.Multiplied(runtime);
        using CudaBuffer<byte> workspace = runtime.Allocate<byte>(runtime.Cublas!.WorkspaceBytes);
        using Case.Buffers buffers = given.On(runtime);
        using StreamLease lease = runtime.Rent();
        using CudaGraph graph = lease.Stream.Capture(stream => runtime.Cublas.Multiply(stream, workspace, CublasProduct.Of(given.Products)[0], buffers.A, buffers.B, buffers.C));
        lease.Stream.Launch(graph);
        lease.Stream.Synchronize();
        Assert.That(buffers.Result(), Is.EqualTo(expected));
        buffers.A.CopyFrom(changed.A, 0);
        buffers.B.CopyFrom(changed.B, 0);
        lease.Stream.Launch(graph);
        lease.Stream.Synchronize();
        Assert.That(buffers.Result(), Is.EqualTo(expectedOfChanged));
    }

    private static string Gemm => typeof(T) == typeof(float) ? "cublasSgemmStridedBatched" : "cublasDgemmStridedBatched";

    private static MatrixProduct Product((int Rows, int Columns, int Inner) shape) =>
        new() { Rows = shape.Rows, Columns = shape.Columns, Inner = shape.Inner, A = 0, B = 0, C = 0, Alpha = 1 };

    /// <summary>Products one behind another.</summary>
    private static MatrixProduct[] Packed((int Rows, int Columns, int Inner)[] shapes)
    {
        long a = 0, b = 0, c = 0;
        MatrixProduct[] products = new MatrixProduct[shapes.Length];
        for (int k = 0; k < shapes.Length; k++)
        {
            (int rows, int columns, int inner) = shapes[k];
            products[k] = Product(shapes[k]) with { A = a, B = b, C = c, Alpha = 2, Beta = .5 };
            (a, b, c) = (a + (rows * inner), b + (inner * columns), c + (rows * columns));
        }

        return products;
    }

    /// <summary>A batch and its matrices.</summary>
    private sealed class Case(int seed, MatrixProduct[] products)
    {
        public MatrixProduct[] Products => products;

        public T[] A { get; init; } = Draw(seed, products.Max(product => product.A + ((long)product.Rows * product.Inner)));

        public T[] B { get; init; } = Draw(seed + 100, products.Max(product => product.B + ((long)product.Inner * product.Columns)));

        public T[] C { get; } = Draw(seed + 200, products.Max(product => product.C + ((long)product.Rows * product.Columns)));

        public Buffers On(CudaRuntime runtime) => new(runtime, this);

        public T[] Multiplied(CudaRuntime runtime)
        {
            using Buffers buffers = On(runtime);
            OtEngine.Cuda.Kernels.Multiply.Run(runtime, products, buffers.A, buffers.B, buffers.C, TestExecution.On(new CudaBackend(runtime)));
            return buffers.Result();
        }

        /// <summary>Every entry within the bound of a sum in any order: inner + 5 roundings (the factors, the terms, the sums, the two in the end) of the sum of magnitudes; what lies outside C as it was.</summary>
        public void RequireRight(T[] found, string what)
        {
            double[] expected = Array.ConvertAll(C, double.CreateChecked), bound = new double[C.Length];
            foreach (MatrixProduct product in products)
            {
                for (int i = 0; i < product.Rows; i++)
                {
                    for (int j = 0; j < product.Columns; j++)
                    {
                        double sum = 0, magnitude = 0;
                        for (int k = 0; k < product.Inner; k++)
                        {
                            double term = double.CreateChecked(A[product.A + (product.TransposedA != 0 ? (k * product.Rows) + i : (i * product.Inner) + k)])
                                * double.CreateChecked(B[product.B + (product.TransposedB != 0 ? (j * product.Inner) + k : (k * product.Columns) + j)]);
                            sum += term;
                            magnitude += Math.Abs(term);
                        }

                        long place = product.C + (i * product.Columns) + j;
                        double before = product.Beta == 0 ? 0 : product.Beta * double.CreateChecked(C[place]);
                        expected[place] = (product.Alpha * sum) + before;
                        bound[place] = (product.Inner + 5) * Roundoff * ((Math.Abs(product.Alpha) * magnitude) + Math.Abs(before));
                    }
                }
            }

            for (int k = 0; k < found.Length; k++)
                Assert.That(double.CreateChecked(found[k]), Is.EqualTo(expected[k]).Within(bound[k]), $"{what}, element {k}");
        }

        private static T[] Draw(int seed, long count) => [.. Drawn.Uniform(seed, (int)count).Select(u => T.CreateTruncating((2 * u) - 1))];

        /// <summary>The matrices on a device.</summary>
        public sealed class Buffers : IDisposable
        {
            public Buffers(CudaRuntime runtime, Case given)
            {
                A = Uploaded(runtime, given.A);
                B = Uploaded(runtime, given.B);
                C = Uploaded(runtime, given.C);
            }

            public CudaBuffer<T> A { get; }

            public CudaBuffer<T> B { get; }

            public CudaBuffer<T> C { get; }

            public T[] Result()
            {
                T[] result = new T[C.Length];
                C.CopyTo(result, 0);
                return result;
            }

            public void Dispose()
            {
                A.Dispose();
                B.Dispose();
                C.Dispose();
            }

            private static CudaBuffer<T> Uploaded(CudaRuntime runtime, T[] values)
            {
                CudaBuffer<T> buffer = runtime.Allocate<T>(values.Length);
                buffer.CopyFrom(values, 0);
                return buffer;
            }
        }
    }
}
