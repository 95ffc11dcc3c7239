using System.Text;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Fuzzing;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class NpyReaderTests
{
    [TestCase("(3, -4)", 96, "negative")]
    [TestCase("(3, 4", 96, "whole number")]
    [TestCase("(3 4)", 96, "')'")]
    [TestCase("(3, 99999999999999999999)", 96, "2147483647")]
    [TestCase("(2147483647, 2147483647, 2147483647, 2147483647)", 96, "1073741824 numbers")]
    [TestCase("(4294967296,)", 96, "2147483647")]
    [TestCase("(1073741825,)", 96, "1073741824 numbers")]
    [TestCase("(1000000000,)", 96, "cut short")]
    [TestCase("(3, 4)", 95, "cut short")]
    [TestCase("(3, 4)", 97, "1 bytes follow")]
    [TestCase("(3, 4)", 0, "cut short")]
    [TestCase("3", 24, "'('")]
    [TestCase("(3.0,)", 24, "')'")]
    [TestCase("(True,)", 8, "whole number")]
    public void Read_ShapesThatLie_AreRefused(string shape, int dataBytes, string word) =>
        AssertReadRefused(FuzzSeeds.Npy("<f8", false, shape, dataBytes), word);

    [TestCase("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}", "'more'")]
    [TestCase("{'descr': '<f8', 'fortran_order': False}", "lacks the key 'shape'")]
    [TestCase("{'descr': '<f8', 'shape': (1,)}", "lacks the key 'fortran_order'")]
    [TestCase("{'fortran_order': False, 'shape': (1,)}", "lacks the key 'descr'")]
    [TestCase("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "twice")]
    [TestCase("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "True or False")]
    [TestCase("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x", "goes on")]
    [TestCase("{'descr': '<f8, 'fortran_order': False, 'shape': (1,)}", "'<f8, ' is unknown")]
    [TestCase("{'descr': '<f8', 'shape': (1,), 'fortran_order: False}", "without an end")]
    [TestCase("{'descr': 8, 'fortran_order': False, 'shape': (1,)}", "quoted string")]
    [TestCase("", "'{'")]
    [TestCase("import os", "'{'")]
    public void Read_DictionariesNumPyDoesNotWrite_AreRefused(string dictionary, string word) => AssertReadRefused(WithDictionary(dictionary), word);

    [TestCase("{'shape': (1L,), 'fortran_order': True, 'descr': \"<f8\"}")]
    [TestCase("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } # a comment")]
    [TestCase("{ 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 1 , ) , }          ")]
    public void Read_DictionariesThatMeanTheSame_AreRead(string dictionary)
    {
        byte[] file = WithDictionary(dictionary);

        Assert.That(NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", ReadLimits.Default).Shape.ToArray(), Is.EqualTo(new[] { 1 }));
    }

    [TestCase("<f3", "unknown")]
    [TestCase("", "unknown")]
    [TestCase("|f8", "byte order")]
    [TestCase("f8", "byte order")]
    [TestCase("=i4", "byte order")]
    [TestCase(">G4", "unknown")]
    public void Read_UnclearTypes_AreRefused(string descr, string word) => AssertReadRefused(FuzzSeeds.Npy(descr, false, "(1,)", 8), word);

    [Test]
    public void Read_LyingLengths_AreRefusedBeforeMemoryIsAsked()
    {
        byte[] longHeader = FuzzSeeds.Npy("<f8", false, "(1,)", 8, version: 2);
        longHeader[11] = 0x7F;
        AssertReadRefused(longHeader, "65536");

        byte[] cutHeader = FuzzSeeds.Npy("<f8", false, "(1,)", 8)[..40];
        AssertReadRefused(cutHeader, "cut short");

        byte[] future = FuzzSeeds.Npy("<f8", false, "(1,)", 8, version: 2);
        future[6] = 4;
        AssertReadRefused(future, "version 4.0");

        AssertReadRefused("\x93NUMPX"u8.ToArray(), "not an .npy");
        AssertReadRefused([], "not an .npy");
    }

    [Test]
    public void Read_ZeroLengthBesideHugeLengths_IsEmpty()
    {
        byte[] file = FuzzSeeds.Npy("<f8", true, "(2147483647, 2147483647, 2147483647, 0)", 0);

        Assert.That(NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", ReadLimits.Default).Values, Is.Empty);
    }

    [Test]
    public void Read_MoreThanTheLimit_IsRefused()
    {
        byte[] file = FuzzSeeds.Npy("|u1", false, "(11,)", 11);
        var limits = new ReadLimits { MaxElements = 10 };

        AssertRefused(() => NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", limits), "x.npy", "shape 11", "at most 10 numbers");
    }

    // A chunk of conversion is 65536 bytes: sizes around it, in both orders, and a prime.
    [Test]
    public void Read_SizesAroundAChunk_KeepEveryValueInPlace(
        [Values(65535, 65536, 65537, 131071)] int count,
        [Values("|i1", ">i2", "<f4")] string descr)
    {
        int size = descr[2] - '0';
        byte[] file = FuzzSeeds.Npy(descr, false, $"({count},)", count * size);
        NumericArray array = NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", ReadLimits.Default);

        byte[] data = file[^(count * size)..];
        foreach (int i in new[] { 0, 1, (65536 / size) - 1, 65536 / size, count - 1 }.Where(i => i < count))
        {
            double expected = descr switch
            {
                "|i1" => (sbyte)data[i],
                ">i2" => (short)((data[2 * i] << 8) | data[(2 * i) + 1]),
                _ => BitConverter.ToSingle(data, 4 * i),
            };
            Assert.That(array.Values[i], Is.EqualTo(expected));
        }
    }

    [TestCase(257, 131)]
    [TestCase(1, 70001)]
    [TestCase(70001, 1)]
    [TestCase(2, 33000)]
    public void Read_FortranOrder_IsTheTransposedFile(int rows, int columns)
    {
        byte[] fortran = FuzzSeeds.Npy("|u1", true, $"({rows}, {columns})", rows * columns);
        byte[] c = FuzzSeeds.Npy("|u1", false, $"({columns}, {rows})", rows * columns);

        double[] values = NpyReader.Read(new MemoryStream(fortran), fortran.Length, "x.npy", ReadLimits.Default).Values;
        double[] transposed = NpyReader.Read(new MemoryStream(c), c.Length, "x.npy", ReadLimits.Default).Values;

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                if (values[(i * columns) + j] != transposed[(j * rows) + i])
                    Assert.Fail($"element [{i}, {j}] differs");
            }
        }
    }

    [TestCase("<i8", false, 9007199254740992L, true)]
    [TestCase("<i8", false, 9007199254740993L, false)]
    [TestCase(">i8", true, -9007199254740993L, false)]
    [TestCase("<i8", false, long.MinValue, true)]
    [TestCase("<i8", false, long.MaxValue, false)]
    [TestCase("<u8", false, -1L, false)]
    [TestCase("<u8", false, long.MinValue, true)]
    public void Read_LargeIntegers_AreReadExactlyOrNotAtAll(string descr, bool isBigEndian, long bits, bool isExact)
    {
        byte[] file = FuzzSeeds.Npy(descr, false, "(3,)", 24);
        byte[] value = BitConverter.GetBytes(bits);
        if (isBigEndian)
            Array.Reverse(value);
        value.CopyTo(file, file.Length - 8);
        file.AsSpan(file.Length - 24, 16).Clear();

        if (isExact)
        {
            double expected = descr == "<u8" ? (ulong)bits : bits;
            Assert.That(NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", ReadLimits.Default).Values[2], Is.EqualTo(expected));
        }
        else
        {
            AssertReadRefused(file, "element [2]", "exactly", "float64");
        }
    }

    [Test]
    public void Read_InexactIntegerInFortranOrder_IsNamedByItsIndex()
    {
        byte[] file = FuzzSeeds.Npy("<i8", true, "(2, 3)", 48);
        file.AsSpan(^48).Clear();
        BitConverter.TryWriteBytes(file.AsSpan(file.Length - 48 + (8 * 3)), (1L << 60) + 1);

        AssertReadRefused(file, "element [1, 1] is 1152921504606846977");
    }

    [Test]
    public void Read_StreamShorterThanItsLength_IsRefused()
    {
        byte[] file = FuzzSeeds.Npy("<f8", false, "(3, 4)", 96);

        AssertRefused(() => NpyReader.Read(new MemoryStream(file, 0, file.Length - 1), file.Length, "x.npy", ReadLimits.Default), "x.npy", "cut short");
    }

    private static void AssertReadRefused(byte[] file, params string[] words) =>
        AssertRefused(() => NpyReader.Read(new MemoryStream(file), file.Length, "x.npy", ReadLimits.Default), "x.npy: ", words);

    private static byte[] WithDictionary(string dictionary)
    {
        byte[] text = Encoding.Latin1.GetBytes(dictionary + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text, .. new byte[8]];
    }
}
