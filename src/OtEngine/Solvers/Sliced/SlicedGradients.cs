using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Costs and gradients of a batch of sliced problems along runs of their directions: the slopes of a run by atom, which a product of matrices
/// gathers, sum_l slope_li t_l. Runs of different problems go together; which directions are one run depends on their own problem alone.
/// </summary>
internal sealed class SlicedGradients<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Slopes in memory together, at most, beyond those of a single direction: 64 MB.</summary>
    private const long MostSlopes = 1 << 23;

    private readonly SlicedRow[] _rows;
    private readonly T[][] _directions;
    private readonly double _order;
    private readonly SlicedBuffers<T> _buffers;
    private readonly Execution _execution;
    private readonly long[] _places;

    /// <param name="rows">The problems.</param>
    /// <param name="directions">Of each.</param>
    /// <param name="order">p.</param>
    /// <param name="buffers">What the rows refer to.</param>
    /// <param name="execution">Where and how.</param>
    public SlicedGradients(SlicedRow[] rows, T[][] directions, double order, SlicedBuffers<T> buffers, Execution execution)
    {
        _rows = rows;
        _directions = directions;
        _order = order;
        _buffers = buffers;
        _execution = execution;
        _places = new long[rows.Length + 1];
        for (int k = 0; k < rows.Length; k++)
            _places[k + 1] = _places[k] + Sizes.Product("The gradient", (long)rows[k].A.Count + rows[k].B.Count, rows[k].Dimension, "split the clouds");
    }

    /// <summary>The gradients of each problem, x before y, of the mean cost over some of its directions; their costs go where the rows say.</summary>
    /// <param name="directions">The first of each problem, and how many.</param>
    public double[][] Along((int First, int Count)[] directions)
    {
        List<Run> runs = [];
        for (int k = 0; k < _rows.Length; k++)
        {
            (int first, int count) = directions[k];
            long atoms = (long)_rows[k].A.Count + _rows[k].B.Count;
            int most = (int)Math.Clamp(MostSlopes / atoms, 1, count);
            for (int done = 0; done < count; done += most)
                runs.Add(new Run(k, first + done, Math.Min(most, count - done), done == 0, 1.0 / count, Math.Min(most, count - done) * atoms));
        }

        using BackendBuffer<double> axes = _execution.Backend.Allocate<double>(_buffers.Directions.Length);
        using BackendBuffer<double> sums = _execution.Backend.Allocate<double>(_places[^1]);
        HashSet<long> copied = [];
        for (int k = 0; k < _rows.Length; k++)
        {
            // Problems of one dimension share their directions.
            if (copied.Add(_rows[k].FirstDirection))
                axes.CopyFrom(Array.ConvertAll(_directions[k], double.CreateTruncating), _rows[k].FirstDirection);
        }

        for (int next = 0; next < runs.Count;)
        {
            // Two runs of one problem add to the same sums, one after the other.
            int end = next + 1;
            long slopes = runs[next].Slopes;
            for (; end < runs.Count && runs[end].IsFirst && slopes + runs[end].Slopes <= MostSlopes; end++)
                slopes += runs[end].Slopes;
            Add([.. runs[next..end]], slopes, axes, sums);
            next = end;
        }

        double[][] gradients = new double[_rows.Length][];
        for (int k = 0; k < gradients.Length; k++)
        {
            gradients[k] = new double[_places[k + 1] - _places[k]];
            sums.CopyTo(gradients[k], _places[k]);
        }

        return gradients;
    }

    private void Add(Run[] runs, long length, BackendBuffer<double> axes, BackendBuffer<double> sums)
    {
        using BackendBuffer<double> slopes = _execution.Backend.Allocate<double>(length);
        SlicedRow[] rows = new SlicedRow[runs.Length];
        MatrixProduct[] products = new MatrixProduct[2 * runs.Length];
        long place = 0;
        for (int k = 0; k < runs.Length; k++)
        {
            Run run = runs[k];
            SlicedRow row = _rows[run.Problem];
            (int n, int m, int d) = (row.A.Count, row.B.Count, row.Dimension);
            long axis = row.FirstDirection + ((long)run.First * d);
            rows[k] = row with
            {
                A = Of(row.A, run.First) with { Slopes = place },
                B = Of(row.B, run.First) with { Slopes = place + ((long)run.Count * n) },
                Directions = run.Count,
                FirstDirection = axis,
                Costs = row.Costs + run.First,
            };
            products[2 * k] = new MatrixProduct
            {
                Rows = n,
                Columns = d,
                Inner = run.Count,
                TransposedA = 1,
                A = place,
                B = axis,
                C = _places[run.Problem],
                Alpha = run.Share,
                Beta = run.IsFirst ? 0 : 1,
            };
            products[(2 * k) + 1] = products[2 * k] with { Rows = m, A = place + ((long)run.Count * n), C = _places[run.Problem] + ((long)n * d) };
            place += run.Slopes;
        }

        _execution.Backend.SlicedCost(rows, _order, _buffers with { Slopes = slopes }, _execution);
        _execution.Backend.Multiply(products, slopes, axes, sums, _execution);

        static SlicedSide Of(SlicedSide side, long direction) => side with
        {
            Sorted = side.Sorted < 0 ? side.Sorted : side.Sorted + (direction * side.Count),
            Orders = side.Orders < 0 ? side.Orders : side.Orders + (direction * side.Count),
        };
    }

    /// <summary>Directions of a problem that are taken together, what each weighs, and how many slopes they have.</summary>
    private readonly record struct Run(int Problem, int First, int Count, bool IsFirst, double Share, long Slopes);
}
