using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda.Cublas;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>Which products of a batch become one call.</summary>
internal sealed class CublasProductTests
{
    private static readonly MatrixProduct First = new() { Rows = 2, Columns = 3, Inner = 4, A = 10, B = 20, C = 30, Alpha = 1 };

    [Test]
    public void ProductsAtConstantDistances_AreOneCall()
    {
        MatrixProduct[] products = [.. Enumerable.Range(0, 5).Select(k => First with { A = 10 + (8 * k), B = 20, C = 30 + (7 * k) })];
        Assert.That(CublasProduct.Of(products), Is.EqualTo([new CublasProduct(First, 5, 8, 0, 7)]));
    }

    [Test]
    public void ProductThatDiffersInAnything_BeginsACall()
    {
        MatrixProduct next = First with { A = 18, B = 32, C = 36 };
        Assert.That(CublasProduct.Of([First, next]), Has.Count.EqualTo(1));
        foreach (MatrixProduct other in (MatrixProduct[])[
            next with { Rows = 1 }, next with { Columns = 2 }, next with { Inner = 3 }, next with { TransposedA = 1 }, next with { TransposedB = 1 },
            next with { Alpha = 2 }, next with { Beta = 1 }, next with { A = 2 }, next with { B = 8 }, next with { C = 24 }, next with { C = 35 }])
            Assert.That(CublasProduct.Of([First, other]), Is.EqualTo([new CublasProduct(First, 1, 0, 0, 0), new CublasProduct(other, 1, 0, 0, 0)]), $"{other}");
    }

    [Test]
    public void ProductAtAnotherDistance_BeginsACall()
    {
        MatrixProduct second = First with { A = 18, B = 32, C = 36 }, third = First with { A = 26, B = 44, C = 43 };
        Assert.That(CublasProduct.Of([First, second, third]), Is.EqualTo([new CublasProduct(First, 2, 8, 12, 6), new CublasProduct(third, 1, 0, 0, 0)]));
    }

    [Test]
    public void MoreProductsThanAGridHolds_AreSeveralCalls()
    {
        MatrixProduct[] products = [.. Enumerable.Range(0, 65537).Select(k => First with { C = 30 + (6 * k) })];
        List<CublasProduct> calls = CublasProduct.Of(products);
        Assert.That(calls.Select(call => (call.Count, call.First.C)), Is.EqualTo([(65535, 30L), (2, 30 + (6 * 65535L))]));
    }

    [Test]
    public void NoProducts_AreNoCall() => Assert.That(CublasProduct.Of([]), Is.Empty);
}
