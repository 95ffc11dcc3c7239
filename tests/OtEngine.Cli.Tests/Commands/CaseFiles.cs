using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

/// <summary>The arrays of a problem as files, by turns as .npy, as .csv and as entries of an .npz, since users mix them.</summary>
internal static class CaseFiles
{
    /// <summary>Writes the arrays of a reference case.</summary>
    /// <returns>The options that name them.</returns>
    public static string[] Write(ReferenceCase problem, TemporaryFolder folder)
    {
        List<string> options = [];
        foreach ((string name, (double[] values, int columns)) in problem.Arrays)
        {
            options.Add(name == "C" ? "--cost-matrix" : name == "projections" ? "--directions" : $"--{name}");
            options.Add(Write(folder, name, values, columns, options.Count / 2 % 3));
        }

        return [.. options];
    }

    /// <summary>Writes a matrix, or a vector where there is one column.</summary>
    public static string Write(TemporaryFolder folder, string name, double[] values, int columns, int format = 0)
    {
        int[] shape = columns == 1 ? [values.Length] : [values.Length / columns, columns];
        switch (format)
        {
            case 0:
                NpyWriter.Write<double>(folder.PathOf($"{name}.npy"), values, shape);
                return folder.PathOf($"{name}.npy");
            case 1:
                CsvWriter.Write<double>(folder.PathOf($"{name}.csv"), values, columns, [.. Enumerable.Range(0, columns).Select(j => $"c{j}")]);
                return folder.PathOf($"{name}.csv");
            default:
                using (NpzWriter archive = new(folder.PathOf($"{name}.npz")))
                {
                    archive.Add<double>("other", [1, 2], 2);
                    archive.Add<double>(name, values, shape);
                    archive.Commit();
                }

                return $"{folder.PathOf($"{name}.npz")}:{name}";
        }
    }

    /// <summary>
    /// Waits until a file exists and has been written to after that; the lock of the process at work allows no look inside.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="wait">Waits a moment; true gives up.</param>
    public static void WaitUntilWritten(string path, Func<bool> wait)
    {
        while (!File.Exists(path))
        {
            if (wait())
                return;
        }

        DateTime first = File.GetLastWriteTimeUtc(path);
        while (File.GetLastWriteTimeUtc(path) == first)
        {
            if (wait())
                return;
        }
    }

    public static string Text(TemporaryFolder folder, string name, string text)
    {
        File.WriteAllText(folder.PathOf(name), text);
        return folder.PathOf(name);
    }
}
