using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// The loop of <see cref="Sliced"/>: lays out clouds, masses and directions, asks the backend for the costs along all directions, and for the
/// gradient goes through the directions in runs, whose slopes by atom a product of matrices gathers: sum_l slope_li t_l.
/// </summary>
internal sealed class SlicedRun<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Slopes of one run, at most, beyond those of a single direction: 64 MB.</summary>
    private const long MostSlopes = 1 << 23;

    private readonly Sliced _solver;
    private readonly Execution _execution;
    private readonly SlicedTask<T> _task;
    private readonly T[] _directions;
    private readonly int _count;
    private readonly SlicedRow _row;
    private readonly SlicedBuffers<T> _buffers;
    private readonly List<IDisposable> _memory = [];

    private SlicedRun(SlicedTask<T> task, Sliced solver, T[] directions, Execution execution)
    {
        _solver = solver;
        _execution = execution;
        _task = task;
        _directions = directions;
        _count = directions.Length / task.Dimension;
        try
        {
            T[] points = new T[Sizes.Product("The clouds together", (long)task.X.Length + task.Y.Length, 1, "split them")];
            Transpose(task.X, task.Dimension, points);
            Transpose(task.Y, task.Dimension, points.AsSpan(task.X.Length));
            (long[] masses, SlicedSide a, SlicedSide b, double unit) = Weighed();
            long orders = _solver.Matching ? (long)_count * (task.CountX + (task.Fixed is null ? task.CountY : 0)) : 0;
            _buffers = new SlicedBuffers<T>
            {
                Points = Buffer<T>(points),
                Directions = Buffer<T>(directions),
                Masses = Buffer<long>(masses),
                Costs = Empty<double>(_count),
                Sorted = task.Fixed?.Sorted,
                SortedOrders = task.Fixed?.Orders,
                Orders = orders == 0 ? null : Empty<int>(orders),
            };
            _row = new SlicedRow
            {
                A = a with { Points = 0, Orders = orders == 0 ? SlicedSide.None : 0 },
                B = b with
                {
                    Points = task.X.Length,
                    IsSorted = task.Fixed is null ? 0 : 1,
                    Sorted = task.Fixed is null ? SlicedSide.None : 0,
                    Orders = orders == 0 || task.Fixed is not null ? SlicedSide.None : (long)_count * task.CountX,
                },
                Dimension = task.Dimension,
                Directions = _count,
                FirstDirection = 0,
                Costs = 0,
                Unit = unit,
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Solves one.</summary>
    public static SlicedResult<T> Solve(SlicedTask<T> task, Sliced solver, T[] directions, Execution execution)
    {
        using SlicedRun<T> run = new(task, solver, directions, execution);
        return run.Solve();
    }

    /// <summary>Sorts a cloud along all directions, into memory of its own.</summary>
    public static void Sort(T[] points, SlicedCloud<T> cloud, Execution execution)
    {
        Backend backend = execution.Backend;
        T[] transposed = new T[points.Length];
        Transpose(points, cloud.Dimension, transposed);
        using BackendBuffer<T> coordinates = backend.Allocate<T>(points.Length);
        using BackendBuffer<T> directions = backend.Allocate<T>(cloud.Directions.Length);
        using BackendBuffer<long> masses = backend.Allocate<long>(0);
        using BackendBuffer<double> costs = backend.Allocate<double>(0);
        coordinates.CopyFrom(transposed, 0);
        directions.CopyFrom(cloud.Directions, 0);
        SlicedRow row = new()
        {
            A = new SlicedSide { Count = cloud.Count, Mass = 1, Sorted = 0 },
            B = new SlicedSide { Count = 0 },
            Dimension = cloud.Dimension,
            Directions = cloud.Directions.Length / cloud.Dimension,
            FirstDirection = 0,
            Costs = 0,
            Unit = 1,
        };
        SlicedBuffers<T> buffers = new()
        {
            Points = coordinates,
            Directions = directions,
            Masses = masses,
            Costs = costs,
            Sorted = cloud.Sorted,
            SortedOrders = cloud.Orders,
        };
        backend.SlicedCost([row], cloud.Solver.Order, buffers, execution);
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    private static void Transpose(ReadOnlySpan<T> points, int dimension, Span<T> destination)
    {
        int count = points.Length / dimension;
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < dimension; k++)
                destination[(k * count) + i] = points[(i * dimension) + k];
        }
    }

    private SlicedResult<T> Solve()
    {
        double[] gradients = _solver.Gradient ? new double[Sizes.Product("The gradient", (long)_task.CountX + _task.CountY, _task.Dimension, "split the clouds")] : [];
        if (_solver.Gradient && !_solver.Max)
            AddGradients(0, _count, 1.0 / _count, gradients);
        else
            _execution.Backend.SlicedCost([_row], _solver.Order, _buffers, _execution);
        double[] costs = new double[_count];
        _buffers.Costs.CopyTo(costs, 0);
        int largest = Array.IndexOf(costs, costs.Max());
        if (_solver.Gradient && _solver.Max)
            AddGradients(Math.Max(largest, 0), 1, 1, gradients);
        int[] orders = new int[_solver.Matching ? Sizes.Product("The matchings", (long)_task.CountX + _task.CountY, _count, "ask for fewer directions") : 0];
        if (_solver.Matching)
        {
            _buffers.Orders!.CopyTo(orders.AsSpan(0, (int)_buffers.Orders.Length), 0);
            _task.Fixed?.Orders.CopyTo(orders.AsSpan(_count * _task.CountX), 0);
        }

        return new SlicedResult<T>(_task, _solver, costs, _directions, gradients, orders);
    }

    /// <summary>Costs and slopes of some directions, and what they add to the gradients of both sides, in runs of directions.</summary>
    private void AddGradients(int first, int count, double share, double[] gradients)
    {
        int n = _task.CountX;
        int m = _task.CountY;
        int d = _task.Dimension;
        int most = (int)Math.Clamp(MostSlopes / ((long)n + m), 1, count);
        using BackendBuffer<double> slopes = _execution.Backend.Allocate<double>(most * ((long)n + m));
        using BackendBuffer<double> axes = _execution.Backend.Allocate<double>(_directions.Length);
        using BackendBuffer<double> sums = _execution.Backend.Allocate<double>(gradients.Length);
        axes.CopyFrom(Array.ConvertAll(_directions, double.CreateTruncating), 0);
        for (int done = 0; done < count; done += most)
        {
            int run = Math.Min(most, count - done);
            int from = first + done;
            SlicedRow row = _row with
            {
                A = Of(_row.A, from) with { Slopes = 0 },
                B = Of(_row.B, from) with { Slopes = (long)run * n },
                Directions = run,
                FirstDirection = (long)from * d,
                Costs = from,
            };
            _execution.Backend.SlicedCost([row], _solver.Order, _buffers with { Slopes = slopes }, _execution);
            MatrixProduct ofX = new()
            {
                Rows = n,
                Columns = d,
                Inner = run,
                TransposedA = 1,
                A = 0,
                B = (long)from * d,
                C = 0,
                Alpha = share,
                Beta = done == 0 ? 0 : 1,
            };
            MatrixProduct ofY = ofX with { Rows = m, A = (long)run * n, C = (long)n * d };
            _execution.Backend.Multiply([ofX, ofY], slopes, axes, sums, _execution);
        }

        sums.CopyTo(gradients, 0);

        SlicedSide Of(SlicedSide side, long direction) => side with
        {
            Sorted = side.Sorted < 0 ? side.Sorted : side.Sorted + (direction * side.Count),
            Orders = side.Orders < 0 ? side.Orders : side.Orders + (direction * side.Count),
        };
    }

    /// <summary>The masses of both sides in units, in memory or one for all, and what a unit weighs.</summary>
    private (long[] Masses, SlicedSide A, SlicedSide B, double Unit) Weighed()
    {
        int n = _task.CountX;
        int m = _task.CountY;
        if (SlicedMasses.AreUniform<T>(_task.A) && SlicedMasses.AreUniform<T>(_task.B))
        {
            (long ofA, long ofB, double unit) = SlicedMasses.Uniform(n, m);
            return ([], new SlicedSide { Count = n, Mass = ofA }, new SlicedSide { Count = m, Mass = ofB }, unit);
        }

        long[] masses = new long[Sizes.Product("The masses", (long)n + m, 1, "split the clouds")];
        SlicedMasses.Round<T>(_task.A, masses.AsSpan(0, n));
        SlicedMasses.Round<T>(_task.B, masses.AsSpan(n));
        return (masses, new SlicedSide { Count = n, Masses = 0 }, new SlicedSide { Count = m, Masses = n }, SlicedMasses.RoundedUnit);
    }

    private BackendBuffer<TElement> Buffer<TElement>(ReadOnlySpan<TElement> elements)
        where TElement : unmanaged
    {
        BackendBuffer<TElement> buffer = Empty<TElement>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }

    private BackendBuffer<TElement> Empty<TElement>(long length)
        where TElement : unmanaged
    {
        BackendBuffer<TElement> buffer = _execution.Backend.Allocate<TElement>(length);
        _memory.Add(buffer);
        return buffer;
    }
}
