using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Pairwise;

/// <summary>Histograms over common bins, one a row, each scaled to mass one; with a label each, where there are labels.</summary>
/// <param name="Values">Count x Bins masses, row-major.</param>
/// <param name="Count">Histograms.</param>
/// <param name="Bins">Bins of each.</param>
/// <param name="Labels">A label for each histogram, or null.</param>
internal sealed record HistogramTable<T>(T[] Values, int Count, int Bins, double[]? Labels)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Reads histograms from a file.</summary>
    /// <param name="array">Rows of masses, at least zero and not all zero.</param>
    /// <param name="labelColumn">The column that holds labels, from 0; negative where none does.</param>
    /// <param name="limit">The most rows taken.</param>
    /// <exception cref="InputFileException">A mass is negative or not finite, or a row has no mass.</exception>
    public static HistogramTable<T> From(NumericArray array, int labelColumn, long limit)
    {
        (int rows, int columns) = array.AsMatrix();
        int count = (int)Math.Min(rows, limit);
        int bins = columns - (labelColumn < 0 ? 0 : 1);
        if (count == 0 || bins == 0)
            throw new InputFileException(array.Name, $"has {rows} rows of {bins} bins; at least one of each is needed");

        T[] values = new T[count * bins];
        double[]? labels = labelColumn < 0 ? null : new double[count];
        for (int row = 0; row < count; row++)
        {
            double mass = 0;
            for (int column = 0; column < columns; column++)
            {
                double value = array.Values[(row * columns) + column];
                if (!double.IsFinite(value) || (value < 0 && column != labelColumn))
                    throw Inputs.Bad(array, (row * columns) + column, "a histogram holds finite masses of at least zero");
                if (column == labelColumn)
                    labels![row] = value;
                else
                    mass += value;
            }

            if (!(mass > 0 && double.IsFinite(mass)))
                throw new InputFileException(array.Name, $"row {array.RowNumber(row)} has the mass {mass}; a positive, finite one is needed to scale it to one");
            int bin = row * bins;
            for (int column = 0; column < columns; column++)
            {
                if (column != labelColumn)
                    values[bin++] = T.CreateSaturating(array.Values[(row * columns) + column] / mass);
            }
        }

        return new HistogramTable<T>(values, count, bins, labels);
    }
}
