using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>The costs between two samples, stored both ways round, so that sweeps read either side in order.</summary>
internal sealed class CoarseCosts
{
    /// <summary>Costs the scale is taken from, about.</summary>
    private const int ScaleCosts = 4096;

    private int _rows;
    private int _columns;
    private double[] _byRow = [];
    private double[] _byColumn = [];
    private double[] _reduced = [];

    public ReadOnlySpan<double> ByRow => _byRow.AsSpan(0, _rows * _columns);

    public ReadOnlySpan<double> ByColumn => _byColumn.AsSpan(0, _rows * _columns);

    public void Store<TRows>(in TRows rows, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        _rows = rows.Rows;
        _columns = rows.Columns;
        Span<double> byRow = ExactScratch.Grow(ref _byRow, _rows * _columns);
        Span<double> byColumn = ExactScratch.Grow(ref _byColumn, _rows * _columns);
        for (int i = 0; i < _rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<double> row = byRow.Slice(i * _columns, _columns);
            CostRowsOperations.CopyRow(rows, i, row);
            for (int j = 0; j < row.Length; j++)
                byColumn[(j * _rows) + i] = row[j];
        }
    }

    /// <summary>Sets f and g by hard c-transforms, from g = 0, and finds the scale of the costs less what rows and columns have in common.</summary>
    /// <returns>The median of the positive reduced costs; 0 if there are none.</returns>
    public double Scale(Span<double> f, Span<double> g)
    {
        g.Clear();
        for (int i = 0; i < _rows; i++)
            f[i] = Least(ByRow.Slice(i * _columns, _columns), g);
        List<double> positive = new(ScaleCosts);
        int step = 1 + (_rows * _columns / ScaleCosts);
        for (int j = 0; j < _columns; j++)
        {
            ReadOnlySpan<double> column = ByColumn.Slice(j * _rows, _rows);
            g[j] = Least(column, f);
            for (int i = j % step; i < _rows; i += step)
            {
                double reduced = column[i] - f[i] - g[j];
                if (reduced > 0 && double.IsFinite(reduced))
                    positive.Add(reduced);
            }
        }

        positive.Sort();
        return positive.Count == 0 ? 0 : positive[positive.Count / 2];
    }

    private double Least(ReadOnlySpan<double> costs, ReadOnlySpan<double> potentials)
    {
        Span<double> reduced = ExactScratch.Grow(ref _reduced, costs.Length).AsSpan(0, costs.Length);
        TensorPrimitives.Subtract(costs, potentials, reduced);
        return TensorPrimitives.Min<double>(reduced);
    }
}
