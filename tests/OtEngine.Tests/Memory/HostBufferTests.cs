using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace OtEngine.Tests;

internal sealed class HostBufferTests
{
    private const int CacheLine = 64;

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(1021)]
    public void Memory_StartsAtACacheLine(int length)
    {
        using HostBuffer<double> doubles = new(length);
        using HostBuffer<byte> bytes = new(length);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Address(doubles) % CacheLine, Is.Zero);
            Assert.That(Address(bytes) % CacheLine, Is.Zero);
        }

        // The distance from address 0, without unsafe code.
        long Address<T>(HostBuffer<T> buffer)
            where T : unmanaged => Unsafe.ByteOffset(ref Unsafe.NullRef<T>(), ref MemoryMarshal.GetReference(buffer.Span(0, length)));
    }

    [Test]
    public void Span_InsideTheBuffer_IsWhatWasCopiedIn()
    {
        using HostBuffer<int> buffer = new(9);
        buffer.Span(0, 9).Clear();
        buffer.CopyFrom([5, 6, 7], 6);
        int[] copy = new int[4];
        buffer.CopyTo(copy, 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(copy, Is.EqualTo([0, 5, 6, 7]));
            Assert.That(buffer.Span(9, 0).Length, Is.Zero);
            Assert.That(buffer.Length, Is.EqualTo(9));
        }
    }

    [TestCase(-1, 1)]
    [TestCase(0, 10)]
    [TestCase(9, 1)]
    [TestCase(10, 0)]
    [TestCase(3, -1)]
    [TestCase(long.MaxValue, 1)]
    [TestCase(long.MinValue, 1)]
    [TestCase(long.MaxValue, int.MaxValue)]
    public void Span_OutsideTheBuffer_IsRefused(long offset, int length)
    {
        using HostBuffer<double> buffer = new(9);
        Assert.That(() => buffer.Span(offset, length).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Copies_BeyondTheEnd_AreRefused()
    {
        using HostBuffer<double> buffer = new(3);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => buffer.CopyFrom(new double[4], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.CopyFrom(new double[2], 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.CopyTo(new double[1], 3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void Span_AfterDisposal_IsRefused()
    {
        HostBuffer<double> buffer = new(3);
        buffer.Dispose();
        buffer.Dispose();
        Assert.That(() => buffer.Span(0, 1).Length, Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase(long.MaxValue)]
    [TestCase(long.MaxValue / sizeof(double))]
    [TestCase((long.MaxValue / 2 / sizeof(double)) + 1)]
    public void Length_BeyondTheAddressSpace_IsRefused(long length) =>
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => new HostBuffer<double>(length).Dispose(), $"{length}");

    [Test]
    public void Length_Negative_IsRefused() =>
        Assert.That(() => new HostBuffer<double>(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
