using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// The loop of <see cref="Sliced"/> over a batch: lays out clouds, masses and directions of all problems, asks the backend once for the costs along all
/// directions of all, and for the gradients goes through the directions in runs (<see cref="SlicedGradients{T}"/>).
/// </summary>
internal sealed class SlicedRun<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Coordinates, masses and indices of problems that are in memory together, at most, beyond those of a single one.</summary>
    private const long MostElements = 1 << 24;

    private readonly Sliced _solver;
    private readonly Execution _execution;
    private readonly SlicedTask<T>[] _tasks;
    private readonly T[][] _directions;
    private readonly SlicedRow[] _rows;
    private readonly SlicedBuffers<T> _buffers;
    private readonly List<IDisposable> _memory = [];

    private SlicedRun(SlicedTask<T>[] tasks, Sliced solver, Func<int, T[]> directionsOf, Execution execution)
    {
        _solver = solver;
        _execution = execution;
        _tasks = tasks;
        _directions = Array.ConvertAll(tasks, task => directionsOf(task.Dimension));
        _rows = new SlicedRow[tasks.Length];
        SlicedWeights[] weights = Array.ConvertAll(tasks, SlicedWeights.Of);
        Dictionary<int, long> axes = [];
        long points = 0, coordinates = 0, masses = 0, orders = 0, costs = 0;
        for (int k = 0; k < tasks.Length; k++)
        {
            SlicedTask<T> task = tasks[k];
            int count = _directions[k].Length / task.Dimension;
            if (axes.TryAdd(task.Dimension, coordinates))
                coordinates += _directions[k].Length;
            bool isFixed = task.Fixed is not null;
            _rows[k] = new SlicedRow
            {
                A = weights[k].A(masses) with { Points = points, Orders = solver.Matching ? orders : SlicedSide.None },
                B = weights[k].B(masses) with
                {
                    Points = points + task.X.Length,
                    IsSorted = isFixed ? 1 : 0,
                    Sorted = isFixed ? 0 : SlicedSide.None,
                    Orders = solver.Matching && !isFixed ? orders + ((long)count * task.CountX) : SlicedSide.None,
                },
                Dimension = task.Dimension,
                Directions = count,
                FirstDirection = axes[task.Dimension],
                Costs = costs,
                Unit = weights[k].Unit,
            };
            points += (long)task.X.Length + task.Y.Length;
            masses += weights[k].Masses.Length;
            orders += solver.Matching ? (long)count * (task.CountX + (isFixed ? 0 : task.CountY)) : 0;
            costs += count;
        }

        try
        {
            _buffers = new SlicedBuffers<T>
            {
                Points = Empty<T>(points),
                Directions = Empty<T>(coordinates),
                Masses = Empty<long>(masses),
                Costs = Empty<double>(costs),
                Sorted = tasks[0].Fixed?.Sorted,
                SortedOrders = tasks[0].Fixed?.Orders,
                Orders = orders == 0 ? null : Empty<int>(orders),
            };
            for (int k = 0; k < tasks.Length; k++)
            {
                SlicedRow row = _rows[k];
                _buffers.Points.CopyFrom(Transposed(tasks[k].X, row.Dimension), row.A.Points);
                _buffers.Points.CopyFrom(Transposed(tasks[k].Y, row.Dimension), row.B.Points);
                if (row.A.Masses >= 0)
                    _buffers.Masses.CopyFrom(weights[k].Masses, row.A.Masses);
                if (axes.Remove(row.Dimension))
                    _buffers.Directions.CopyFrom(_directions[k], row.FirstDirection);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Solves problems, as many together as memory should hold; gives the bits of each alone.</summary>
    /// <param name="tasks">The problems; one against a fixed cloud is the only one.</param>
    /// <param name="solver">The options.</param>
    /// <param name="directionsOf">The directions of a dimension.</param>
    /// <param name="execution">Where and how.</param>
    public static SlicedResult<T>[] Solve(SlicedTask<T>[] tasks, Sliced solver, Func<int, T[]> directionsOf, Execution execution)
    {
        List<SlicedResult<T>> results = [];
        while (results.Count < tasks.Length)
        {
            int count = 0;
            long elements = 0;
            for (int k = results.Count; k < tasks.Length; k++, count++)
            {
                long atoms = (long)tasks[k].CountX + tasks[k].CountY;
                elements += atoms * (tasks[k].Dimension + 1L + (solver.Matching ? directionsOf(tasks[k].Dimension).Length / tasks[k].Dimension : 0));
                if (count > 0 && elements > MostElements)
                    break;
            }

            using SlicedRun<T> run = new(tasks[results.Count..(results.Count + count)], solver, directionsOf, execution);
            results.AddRange(run.Solve());
        }

        return [.. results];
    }

    /// <summary>Sorts a cloud along all directions, into memory of its own.</summary>
    public static void Sort(T[] points, SlicedCloud<T> cloud, Execution execution)
    {
        Backend backend = execution.Backend;
        using BackendBuffer<T> coordinates = backend.Allocate<T>(points.Length);
        using BackendBuffer<T> directions = backend.Allocate<T>(cloud.Directions.Length);
        using BackendBuffer<long> masses = backend.Allocate<long>(0);
        using BackendBuffer<double> costs = backend.Allocate<double>(0);
        coordinates.CopyFrom(Transposed(points, cloud.Dimension), 0);
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

    private static T[] Transposed(T[] points, int dimension)
    {
        int count = points.Length / dimension;
        T[] transposed = new T[points.Length];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < dimension; k++)
                transposed[(k * count) + i] = points[(i * dimension) + k];
        }

        return transposed;
    }

    private SlicedResult<T>[] Solve()
    {
        SlicedGradients<T>? gradients = _solver.Gradient ? new SlicedGradients<T>(_rows, _directions, _solver.Order, _buffers, _execution) : null;
        double[][] found = Array.ConvertAll(_tasks, _ => Array.Empty<double>());
        if (gradients is not null && !_solver.Max)
            found = gradients.Along(Array.ConvertAll(_rows, row => (0, row.Directions)));
        else
            _execution.Backend.SlicedCost(_rows, _solver.Order, _buffers, _execution);
        double[][] costs = Array.ConvertAll(_rows, row => Read(_buffers.Costs, row.Costs, row.Directions));
        if (gradients is not null && _solver.Max)
            found = gradients.Along(Array.ConvertAll(costs, own => (Math.Max(Array.IndexOf(own, own.Max()), 0), 1)));
        SlicedResult<T>[] results = new SlicedResult<T>[_tasks.Length];
        for (int k = 0; k < results.Length; k++)
            results[k] = new SlicedResult<T>(_tasks[k], _solver, costs[k], _directions[k], found[k], Orders(k));
        return results;
    }

    private int[] Orders(int k)
    {
        if (!_solver.Matching)
            return [];
        (SlicedTask<T> task, SlicedRow row) = (_tasks[k], _rows[k]);
        int[] orders = new int[Sizes.Product("The matchings", (long)task.CountX + task.CountY, row.Directions, "ask for fewer directions")];
        int own = row.Directions * (task.CountX + (task.Fixed is null ? task.CountY : 0));
        _buffers.Orders!.CopyTo(orders.AsSpan(0, own), row.A.Orders);
        task.Fixed?.Orders.CopyTo(orders.AsSpan(own), 0);
        return orders;
    }

    private static TElement[] Read<TElement>(BackendBuffer<TElement> buffer, long offset, int count)
        where TElement : unmanaged
    {
        TElement[] elements = new TElement[count];
        buffer.CopyTo(elements, offset);
        return elements;
    }

    private BackendBuffer<TElement> Empty<TElement>(long length)
        where TElement : unmanaged
    {
        BackendBuffer<TElement> buffer = _execution.Backend.Allocate<TElement>(length);
        _memory.Add(buffer);
        return buffer;
    }
}
