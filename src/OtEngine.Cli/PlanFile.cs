using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli;

/// <summary>Plans and potentials as files: a matrix or a table of entries, and an archive of f and g.</summary>
internal static class PlanFile
{
    /// <summary>Some half a gigabyte of text.</summary>
    public const int MostTableRows = 1 << 24;

    /// <summary>Whether a name asks for a table of entries.</summary>
    public static bool IsTable(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes a plan: .npy as a matrix, .csv as rows of row, column, mass.</summary>
    public static void Write<T>(TransportPlan<T> plan, string path)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!IsTable(path))
        {
            NpyWriter.Write<T>(path, Dense(plan), plan.Rows, plan.Columns);
            return;
        }

        IReadOnlyList<PlanEntry> entries = plan.ToSparse();
        double[] table = new double[3 * entries.Count];
        for (int i = 0; i < entries.Count; i++)
            (table[3 * i], table[(3 * i) + 1], table[(3 * i) + 2]) = (entries[i].Row, entries[i].Column, entries[i].Mass);
        CsvWriter.Write<double>(path, table, 3, ["row", "column", "mass"]);
    }

    /// <summary>The entries of a plan, row-major. (A tensor of one column has no span of its own.)</summary>
    public static T[] Dense<T>(TransportPlan<T> plan)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T> dense = plan.Materialize();
        T[] masses = new T[dense.FlattenedLength];
        dense.FlattenTo(masses);
        return masses;
    }

    /// <summary>Writes potentials f and g to an .npz.</summary>
    public static void Write(DualPotentials potentials, string path)
    {
        using NpzWriter archive = new(path);
        archive.Add("f", potentials.F.Span, potentials.F.Length);
        archive.Add("g", potentials.G.Span, potentials.G.Length);
        archive.Commit();
    }
}
