using OtEngine.Cli.Formats;
using static OtEngine.Cli.Tests.Formats.FormatFixtures;

namespace OtEngine.Cli.Tests.Formats;

[TestFixture]
internal sealed class ResumableMatrixTests
{
    private const string Fingerprint = "sha256:0123456789abcdef";

    [Test]
    public void OpenOrCreate_ANewFile_IsFullOfNaN()
    {
        using var folder = new TemporaryFolder();
        using (ResumableMatrix.OpenOrCreate(folder.PathOf("D.npy"), 3, 5, Fingerprint))
        {
        }

        NumericArray array = NumericFile.Read(folder.PathOf("D.npy"));
        Assert.That(array.AsMatrix(), Is.EqualTo((3, 5)));
        Assert.That(array.Values, Is.All.NaN);
        Assert.That(folder.Files, Is.EqualTo(new[] { "D.npy" }));
    }

    [Test]
    public void Write_OverTwoRuns_FillsTheMatrixInPlace()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("D.npy");
        using (var matrix = ResumableMatrix.OpenOrCreate(path, 3, 4, Fingerprint))
        {
            matrix.Write(1, 0, [1, 2, 3, 4]);
            matrix.Write(2, 2, [7]);
            matrix.Flush();
        }

        using (var matrix = ResumableMatrix.OpenOrCreate(path, 3, 4, Fingerprint))
        {
            var row = new double[4];
            matrix.Read(1, 0, row);
            Assert.That(row, Is.EqualTo(new double[] { 1, 2, 3, 4 }));
            matrix.Read(2, 0, row);
            Assert.That(row, Is.EqualTo(new[] { double.NaN, double.NaN, 7, double.NaN }));
            Assert.That(matrix.IsFingerprinted, Is.True);
            matrix.Write(0, 3, [0.5]);
        }

        Assert.That(
            NumericFile.Read(path).Values,
            Is.EqualTo(new[] { double.NaN, double.NaN, double.NaN, 0.5, 1, 2, 3, 4, double.NaN, double.NaN, 7, double.NaN }));
    }

    [Test]
    public void OpenOrCreate_OtherInputs_AreRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("D.npy");
        ResumableMatrix.OpenOrCreate(path, 3, 4, Fingerprint).Dispose();

        AssertRefused(() => ResumableMatrix.OpenOrCreate(path, 3, 4, "sha256:other"), path, "other inputs", "delete");
        AssertRefused(() => ResumableMatrix.OpenOrCreate(path, 4, 3, Fingerprint), path, "3 x 4", "4 x 3");
    }

    [Test]
    public void OpenOrCreate_AFileNumPySaved_IsContinuedOnTheUsersWord()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("D.npy");
        NpyWriter.Write<double>(path, [1, double.NaN, 3, 4, 5, 6], 2, 3);

        using var matrix = ResumableMatrix.OpenOrCreate(path, 2, 3, Fingerprint);
        var row = new double[2];
        matrix.Read(0, 1, row);

        Assert.That(matrix.IsFingerprinted, Is.False);
        Assert.That(row, Is.EqualTo(new[] { double.NaN, 3 }));
    }

    [Test]
    public void OpenOrCreate_WhatCannotBeContinued_IsRefused()
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Write<float>(folder.PathOf("float.npy"), new float[6], 2, 3);
        AssertRefused(() => ResumableMatrix.OpenOrCreate(folder.PathOf("float.npy"), 2, 3, Fingerprint), folder.PathOf("float.npy"), "float64");

        OutputFile.WriteText(folder.PathOf("text.npy"), "1,2,3");
        AssertRefused(() => ResumableMatrix.OpenOrCreate(folder.PathOf("text.npy"), 2, 3, Fingerprint), folder.PathOf("text.npy"), "not an .npy");

        AssertRefused(() => ResumableMatrix.OpenOrCreate(folder.PathOf("."), 2, 3, Fingerprint), folder.PathOf("."), "directory");
        Assert.Throws<ArgumentException>(() => ResumableMatrix.OpenOrCreate(folder.PathOf("D.npy"), 2, 3, "two words"));
    }

    [Test]
    public void OpenOrCreate_WhileAnotherRunWrites_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("D.npy");
        using var first = ResumableMatrix.OpenOrCreate(path, 2, 2, Fingerprint);

        AssertRefused(() => ResumableMatrix.OpenOrCreate(path, 2, 2, Fingerprint), path, "cannot be");
    }

    [Test]
    public void Write_OutsideTheMatrix_Throws()
    {
        using var folder = new TemporaryFolder();
        using var matrix = ResumableMatrix.OpenOrCreate(folder.PathOf("D.npy"), 2, 3, Fingerprint);

        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Write(2, 0, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Write(0, 2, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Write(-1, 0, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Read(0, -1, new double[1]));
    }

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(0, 7)]
    public void OpenOrCreate_SmallestSizes_AreFiles(int rows, int columns)
    {
        using var folder = new TemporaryFolder();
        ResumableMatrix.OpenOrCreate(folder.PathOf("D.npy"), rows, columns, Fingerprint).Dispose();

        Assert.That(NumericFile.Read(folder.PathOf("D.npy")).AsMatrix(), Is.EqualTo((rows, columns)));
    }
}
