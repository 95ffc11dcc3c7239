using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class NumericFileTests
{
    private static readonly string[] TypeNames =
    [
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    ];

    [Test]
    public void Read_EveryTypeNumPyWrites_GivesItsValuesRowMajor(
        [ValueSource(nameof(TypeNames))] string type,
        [Values("little", "big")] string order,
        [Values("c", "fortran")] string layout)
    {
        NumericArray array = NumericFile.Read(PathOf($"types.npz:{type}_{order}_{layout}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(array.Shape.ToArray(), Is.EqualTo(Shape));
            Assert.That(array.TypeName, Is.EqualTo(type));
            Assert.That(array.Values, Is.EqualTo(Values(type)));
        }
    }

    [TestCase("version1.npy")]
    [TestCase("version2.npy")]
    [TestCase("version3.npy")]
    [TestCase("single.npz")]
    public void Read_EveryFormatVersion_GivesTheSame(string file)
    {
        NumericArray array = NumericFile.Read(PathOf(file));

        Assert.That(array.Values, Is.EqualTo(Values("float64")));
        Assert.That(array.Shape.ToArray(), Is.EqualTo(Shape));
    }

    [Test]
    public void Read_ScalarAndEmpty_KeepTheirShape()
    {
        NumericArray scalar = NumericFile.Read(PathOf("scalar.npy"));
        NumericArray empty = NumericFile.Read(PathOf("empty.npy"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scalar.Rank, Is.Zero);
            Assert.That(scalar.AsVector(), Is.EqualTo(new[] { 2.5 }));
            Assert.That(empty.Values, Is.Empty);
            Assert.That(empty.AsMatrix(), Is.EqualTo((0, 5)));
        }
    }

    [Test]
    public void Read_StoredArchive_GivesTheNamedArray()
    {
        Assert.That(NumericFile.Read(PathOf("stored.npz:weights")).Values, Is.EqualTo(Values("float64")[..5]));
        Assert.That(NumericFile.Read(PathOf("stored.npz:points.npy")).Values, Is.EqualTo(Values("float32")[..15]));
    }

    [TestCase("pandas_like.csv", 2, 2)]
    [TestCase("savetxt.txt", 3, 5)]
    [TestCase("savetxt.csv", 3, 5)]
    public void Read_TextTables_GiveRowsAndColumns(string file, int rows, int columns)
    {
        NumericArray array = NumericFile.Read(PathOf(file));
        double[] expected = file.StartsWith("savetxt", StringComparison.Ordinal) ? Values("float64")[..15] : [1.5, -2, 0.25, 1e-3];

        Assert.That(array.AsMatrix(), Is.EqualTo((rows, columns)));
        Assert.That(array.Values, Is.EqualTo(expected));
    }

    [TestCase("complex64", "complex numbers")]
    [TestCase("complex128", "complex numbers")]
    [TestCase("object", "Python objects")]
    [TestCase("bytes", "byte strings")]
    [TestCase("string", "strings")]
    [TestCase("record", "structured records")]
    [TestCase("date", "dates")]
    [TestCase("difference", "time differences")]
    [TestCase("longdouble", "long doubles")]
    [TestCase("void", "records or raw bytes")]
    public void Read_TypesWithoutDoubles_AreRefusedByName(string array, string what)
    {
        string path = PathOf($"refused.npz:{array}");
        AssertRefused(() => NumericFile.Read(path), path, what, "float64");
    }

    [Test]
    public void Read_IntegersNoDoubleHolds_AreRefusedWithTheirPlace()
    {
        AssertRefused(() => NumericFile.Read(PathOf("inexact.npy")), PathOf("inexact.npy"), "[1, 2]", "9007199254740993", "float64");
        Assert.That(NumericFile.Read(PathOf("exact.npy")).Values, Is.EqualTo(new[] { 0, 9007199254740992.0, 1152921504606846976.0, 18446744073709549568.0 }));
    }

    [Test]
    public void Read_ArrayThatIsNotThere_ListsThoseThatAre() =>
        AssertRefused(() => NumericFile.Read(PathOf("stored.npz:wieghts")), PathOf("stored.npz"), "'wieghts'", "'weights'", "'points'");

    [Test]
    public void Read_SeveralArraysWithoutAName_ListsThem() =>
        AssertRefused(() => NumericFile.Read(PathOf("stored.npz")), PathOf("stored.npz"), "several", "'weights'", "'points'");

    [Test]
    public void Read_WhatCannotBeOpened_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        string missing = folder.PathOf("no.npy");
        AssertRefused(() => NumericFile.Read(missing), missing, "does not exist");
        AssertRefused(() => NumericFile.Read(folder.PathOf("no/such/folder.csv")), folder.PathOf("no/such"), "does not exist");
        AssertRefused(() => NumericFile.Read(PathOf("pillow.png")), PathOf("pillow.png"), "image", ".npy");
        AssertRefused(() => NumericFile.Read("points.xlsx"), "points.xlsx", "'.xlsx'", ".csv");
        AssertRefused(() => NumericFile.Read("points"), "points", ".csv");
        AssertRefused(() => NumericFile.Read(""), "", ".csv");

        Directory.CreateDirectory(folder.PathOf("folder.npy"));
        AssertRefused(() => NumericFile.Read(folder.PathOf("folder.npy")), folder.PathOf("folder.npy"), "directory");
    }
}
