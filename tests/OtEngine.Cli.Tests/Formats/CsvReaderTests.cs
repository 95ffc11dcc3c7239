using System.Text;
using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class CsvReaderTests
{
    [TestCase("1,2\n3,4", 2, 2)]
    [TestCase("1,2\n3,4\n", 2, 2)]
    [TestCase("1 , 2\r\n3,\t4\r\n\r\n\r\n", 2, 2)]
    [TestCase("1;2\n3;4\n", 2, 2)]
    [TestCase("1\t2\n3\t4\n", 2, 2)]
    [TestCase("  1 2  \n 3    4\n", 2, 2)]
    [TestCase("x,y\n1,2\n3,4\n", 2, 2)]
    [TestCase("\"x, in m\",\"y\"\n1,2\n3,4\n", 2, 2)]
    [TestCase("x in m;y in m\n\n1;2\n3;4\n", 2, 2)]
    [TestCase("# made by hand\n\n1,2\n# half way\n3,4\n", 2, 2)]
    [TestCase("\uFEFF1,2\n3,4\n", 2, 2)]
    [TestCase("\uFEFFx,y\n1,2\n3,4\n", 2, 2)]
    [TestCase("\"1\",\"2\"\n\" 3 \",4\n", 2, 2)]
    [TestCase("1\n2\n3\n4\n", 4, 1)]
    [TestCase("weight of the point, in kg\n1\n2\n3\n4\n", 4, 1)]
    [TestCase("1,2,3,4", 1, 4)]
    [TestCase("a,b\n\n1,2\n\n3,4\n", 2, 2)]
    [TestCase("1,2\r3,4\r", 2, 2)]
    [TestCase("+1,2.,3e0,0.4E+1", 1, 4)]
    public void Read_WaysToWriteATable_GiveOneTwoThreeFour(string text, int rows, int columns)
    {
        NumericArray array = Read(text);

        Assert.That(array.AsMatrix(), Is.EqualTo((rows, columns)));
        Assert.That(array.Values, Is.EqualTo(new double[] { 1, 2, 3, 4 }));
    }

    [TestCase("1,2\n3,x\n", "row 2, column 2", "'x'", "0.25")]
    [TestCase("1,2\n3,\n", "row 2, column 2", "empty", "nan")]
    [TestCase("1,2\n,4\n", "row 2, column 1", "empty")]
    [TestCase("1,2\n3,4,5\n", "row 2 has 3 numbers", "have 2")]
    [TestCase("1,2\n3\n", "row 2 has 1 numbers", "have 2")]
    [TestCase("1,2,\n3,4,\n", "row 1, column 3", "empty")]
    [TestCase("1,two\n3,4\n", "row 1, column 2", "'two'")]
    [TestCase("a,b,c\n1,2\n", "3 names", "2 numbers")]
    [TestCase("1,5;2,5\n", "row 1", "more than one of comma", "decimal points")]
    [TestCase("1,2\n3,1e999\n", "row 2, column 2", "'1e999'")]
    [TestCase("1,2\n3,0x10\n", "'0x10'")]
    [TestCase("1,2\n3,1_000\n", "'1_000'")]
    [TestCase("1,2\n3,\"4\n", "row 2", "quote")]
    [TestCase("1,2\n3,\"4\"5\n", "row 2", "quote")]
    [TestCase("", "no row of numbers")]
    [TestCase("\n\n  \n", "no row of numbers")]
    [TestCase("x,y\n", "no row of numbers")]
    [TestCase("# nothing\n", "no row of numbers")]
    [TestCase("x,y\nz,w\n1,2\n", "row 2, column 1", "'z'")]
    [TestCase("1,2\n3,\0\n", "\\u0000")]
    [TestCase("1,2\n3,aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee\n", "ccccccccccdddddddddd...'")]
    public void Read_WhatIsNoTable_IsRefusedWithItsPlace(string text, params string[] words) => AssertRefused(() => Read(text), "x.csv: ", words);

    [TestCase("nan", double.NaN)]
    [TestCase("-NaN", double.NaN)]
    [TestCase("Inf", double.PositiveInfinity)]
    [TestCase("-Infinity", double.NegativeInfinity)]
    [TestCase("+inf", double.PositiveInfinity)]
    [TestCase("1e-400", 0)]
    [TestCase("4.9e-324", double.Epsilon)]
    [TestCase("1.7976931348623157e308", double.MaxValue)]
    [TestCase("0.1000000000000000055511151231257827021181583404541015625", 0.1)]
    public void Read_ExtremeNumbers_AreRoundedToTheNearestDouble(string text, double expected) => Assert.That(Read($"1,{text}").Values[1], Is.EqualTo(expected));

    [Test]
    public void Read_Utf16_IsRefused()
    {
        byte[] file = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("1,2\n")];

        AssertRefused(() => CsvReader.Read(new MemoryStream(file), "x.csv", ReadLimits.Default), "x.csv", "UTF-8");
    }

    [Test]
    public void Read_MoreThanTheLimit_IsRefused()
    {
        var limits = new ReadLimits { MaxElements = 5 };

        Assert.That(CsvReader.Read(new MemoryStream("1\n2\n3\n4\n5"u8.ToArray()), "x.csv", limits).Values, Has.Length.EqualTo(5));
        AssertRefused(() => CsvReader.Read(new MemoryStream("1,2,3\n4,5,6\n"u8.ToArray()), "x.csv", limits), "x.csv", "row 2", "5 numbers");
    }

    // The reader's buffer is 16384 bytes at first: lines that end before, at and after its end, in pieces of any size.
    [TestCase(16383, 1)]
    [TestCase(16384, 7)]
    [TestCase(16385, 16384)]
    [TestCase(70001, 100)]
    public void Read_LinesLongerThanTheBuffer_AreWhole(int length, int piece)
    {
        string line = string.Join(',', Enumerable.Repeat("1", length / 2)) + (length % 2 == 0 ? "0" : ",2");
        byte[] file = Encoding.UTF8.GetBytes($"{line}\n{line}\n");
        using var stream = new TricklingStream(file, piece);

        NumericArray array = CsvReader.Read(stream, "x.csv", ReadLimits.Default);

        Assert.That(array.AsMatrix(), Is.EqualTo((2, (length + 1) / 2)));
        Assert.That(array.Values[^1], Is.EqualTo(length % 2 == 0 ? 10 : 2));
    }

    private static NumericArray Read(string text) => CsvReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x.csv", ReadLimits.Default);

    /// <summary>Gives its bytes in pieces, as pipes and archives do.</summary>
    private sealed class TricklingStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
