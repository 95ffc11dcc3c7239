using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Formats;

/// <summary>What this project writes, NumPy reads, to the last bit.</summary>
[TestFixture]
internal sealed class NumPyInteropTests
{
    private static readonly double[] Values = [.. Enumerable.Range(0, 30).Select(k => ((7 * k % 23) - 11) / 8.0)];

    [TestCase("(30,)", 30)]
    [TestCase("(5, 6)", 5, 6)]
    [TestCase("(2, 3, 5)", 2, 3, 5)]
    [TestCase("(30, 1)", 30, 1)]
    public void Npy_OfAnyShape_LoadsAndCanBeMapped(string expected, params int[] shape)
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Write<double>(folder.PathOf("a.npy"), Values, shape);
        NpyWriter.Write<float>(folder.PathOf("b.npy"), [.. Values.Select(v => (float)v)], shape);

        string[] lines = NumPy.Run($"""
            import os, numpy as np
            expected = ((7 * np.arange(30) % 23) - 11) / 8
            for name, kind in ('a', 'float64'), ('b', 'float32'):
                x = np.load(os.path.join(r'{folder.PathOf("")}', name + '.npy'), mmap_mode='r')
                assert x.dtype == kind and x.flags.c_contiguous and x.offset % 64 == 0
                assert np.array_equal(x.ravel(), expected)
                print(x.shape)
            """);

        Assert.That(lines, Is.EqualTo(new[] { expected, expected }));
    }

    [Test]
    public void Npy_ScalarAndEmpty_Load()
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Write<double>(folder.PathOf("scalar.npy"), [2.5]);
        NpyWriter.Write<double>(folder.PathOf("empty.npy"), [], 0, 5);

        string[] lines = NumPy.Run($"""
            import numpy as np
            print(np.load(r'{folder.PathOf("scalar.npy")}'), np.load(r'{folder.PathOf("empty.npy")}').shape)
            """);

        Assert.That(lines, Is.EqualTo(new[] { "2.5 (0, 5)" }));
    }

    [Test]
    public void Npz_LoadsByName()
    {
        using var folder = new TemporaryFolder();
        using (var npz = new NpzWriter(folder.PathOf("potentials.npz")))
        {
            npz.Add<double>("f", Values, 30);
            npz.Add<float>("g", [1, 0.5f, -2], 3);
            npz.Commit();
        }

        string[] lines = NumPy.Run($"""
            import numpy as np, zipfile
            path = r'{folder.PathOf("potentials.npz")}'
            assert zipfile.ZipFile(path).testzip() is None
            with np.load(path) as archive:
                assert np.array_equal(archive['f'], ((7 * np.arange(30) % 23) - 11) / 8)
                print(sorted(archive.files), archive['g'].tolist(), archive['g'].dtype)
            """);

        Assert.That(lines, Is.EqualTo(new[] { "['f', 'g'] [1.0, 0.5, -2.0] float32" }));
    }

    [Test]
    public void ResumableMatrix_LoadsAtAnyTime()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("D.npy");
        using var matrix = ResumableMatrix.OpenOrCreate(path, 3, 4, "sha256:00112233445566778899aabbccddeeff");
        matrix.Write(1, 1, [0.25, -3]);

        string[] lines = NumPy.Run($"""
            import numpy as np
            D = np.load(r'{path}')
            assert np.array_equal(D, np.load(r'{path}', mmap_mode='r'), equal_nan=True)
            print(D.shape, np.isnan(D).sum(), D[1, 1], D[1, 2])
            """);

        Assert.That(lines, Is.EqualTo(new[] { "(3, 4) 10 0.25 -3.0" }));
    }

    [Test]
    public void Csv_LoadsBitForBit()
    {
        using var folder = new TemporaryFolder();
        double[] awkward = [0.1, 1.0 / 3, 5e-324, double.MaxValue, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        CsvWriter.Write<double>(folder.PathOf("a.csv"), awkward, 2, ["first", "second"]);
        NpyWriter.Write<double>(folder.PathOf("a.npy"), awkward, 4, 2);

        string[] lines = NumPy.Run($"""
            import numpy as np
            text = np.loadtxt(r'{folder.PathOf("a.csv")}', delimiter=',', skiprows=1)
            binary = np.load(r'{folder.PathOf("a.npy")}')
            print(np.array_equal(text, binary, equal_nan=True), np.signbit(text[2, 0]))
            """);

        Assert.That(lines, Is.EqualTo(new[] { "True True" }));
    }
}
