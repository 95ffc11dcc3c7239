using NUnit.Framework;

namespace OtEngine.Tests;

internal sealed class SizesTests
{
    [Test]
    public void Product_UpToTheLongestArray_IsItself()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sizes.Product("It", 0, long.MaxValue, "shrink it"), Is.Zero);
            Assert.That(Sizes.Product("It", 1, Array.MaxLength, "shrink it"), Is.EqualTo(Array.MaxLength));
            Assert.That(Sizes.Product("It", 46340, 46340, "shrink it"), Is.EqualTo(2147395600));
        }
    }

    // Around 2^31, where 32 bits overflow, and 2^63 and 2^64, where 64 bits do and may come back small.
    [TestCase(1, 2147483592, "2147483592")]
    [TestCase(1L << 31, 1, "2147483648")]
    [TestCase(65536, 65536, "4294967296")]
    [TestCase(1L << 32, (1L << 31) - 1, "9223372032559808512")]
    [TestCase(1L << 32, 1L << 31, "9223372036854775808")]
    [TestCase(1L << 32, 1L << 32, "18446744073709551616")]
    [TestCase((1L << 32) + 1, 1L << 32, "18446744078004518912")]
    [TestCase(long.MaxValue, long.MaxValue, "85070591730234615847396907784232501249")]
    public void Product_BeyondTheLongestArray_IsRefusedWithItsTrueSize(long rows, long columns, string size) =>
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => Sizes.Product("It", rows, columns, "shrink it"), $"It would hold {size} elements");
}
