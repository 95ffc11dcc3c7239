using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cli.Verify;

/// <summary>The verbs that work on arrays rather than on problems.</summary>
internal sealed partial class VerbChecks<T>
{
    // Around the width of a warp, of tiles and slabs; primes; nothing at all.
    private static readonly (int Rows, int Columns, int Inner)[] Products =
        [(1, 1, 1), (0, 4, 4), (31, 32, 33), (7, 13, 257), (65, 129, 8), (130, 131, 17), (3, 300, 2), (5, 7, 0)];

    private static readonly int[] Runs = [0, 1, 31, 32, 33, 0, 255, 257, 4096, 4097, 9001, 0];

    // On a device few columns are a warp's, more a block's.
    private static readonly (int Rows, int Columns)[] Matchings = [(0, 3), (1, 1), (3, 7), (31, 33), (64, 64), (40, 129), (130, 257)];

    /// <summary>What each matching costs, and what its potentials prove.</summary>
    private VerbError Assignment()
    {
        List<AssignmentProblem> problems = [];
        (int costs, int matchings, int potentials) = (0, 0, 0);
        foreach ((int rows, int columns) in Matchings)
        {
            problems.Add(new AssignmentProblem { Rows = rows, Columns = columns, Costs = costs, Matching = matchings, Potentials = potentials });
            (costs, matchings, potentials) = (costs + (rows * columns), matchings + rows, potentials + rows + columns);
        }

        T[] drawn = Drawn(6, costs);
        using BackendBuffer<T> ofCosts = Buffer(drawn);
        using BackendBuffer<int> ofMatchings = Backend.Allocate<int>(matchings);
        using BackendBuffer<double> ofPotentials = Backend.Allocate<double>(potentials);
        Backend.Assignment<T>(problems.ToArray(), ofCosts, ofMatchings, ofPotentials, new AssignmentOutcome[problems.Count], _execution);
        int[] columnsOf = new int[matchings];
        ofMatchings.CopyTo(columnsOf, 0);
        double[] prices = Read(ofPotentials);
        VerbError largest = default;
        foreach (AssignmentProblem problem in problems)
        {
            double[] own = Wide(drawn).AsSpan((int)problem.Costs, problem.Rows * problem.Columns).ToArray();
            int[] matching = columnsOf.AsSpan((int)problem.Matching, problem.Rows).ToArray();
            double found = matching.Distinct().Count() < problem.Rows ? double.NaN : matching.Select((column, row) => own[(row * problem.Columns) + column]).Sum();
            double[] both = prices.AsSpan((int)problem.Potentials, problem.Rows + problem.Columns).ToArray();
            double violation = own.Select((cost, k) => both[k / problem.Columns] + both[problem.Rows + (k % problem.Columns)] - cost).Append(0).Max();
            double least = NaiveArrays.LeastAssignment(own, problem.Rows, problem.Columns);
            largest = largest.Or(VerbError.Between([found, both.Sum(), violation], [least, least, 0], 1, VerbError.Roundoff<double>() * (problem.Rows + problem.Columns + 1)));
        }

        return largest;
    }

    private VerbError Multiply()
    {
        List<MatrixProduct> products = [];
        (int a, int b, int c) = (0, 0, 0);
        foreach ((int rows, int columns, int inner) in Products)
        {
            int k = products.Count;
            products.Add(new MatrixProduct { Rows = rows, Columns = columns, Inner = inner, TransposedA = k % 2, TransposedB = k / 2 % 2, A = a, B = b, C = c, Alpha = -0.75, Beta = k % 3 / 2.0 });
            (a, b, c) = (a + (rows * inner), b + (inner * columns), c + (rows * columns));
        }

        T[] x = Drawn(1, a), y = Drawn(2, b), z = Drawn(3, c);
        using BackendBuffer<T> ofX = Buffer(x), ofY = Buffer(y), ofZ = Buffer(z);
        Backend.Multiply<T>([.. products], ofX, ofY, ofZ, _execution);
        double[] found = Read(ofZ);
        VerbError largest = default;
        foreach (MatrixProduct product in products)
        {
            double[] expected = NaiveArrays.Product(product, Wide(x), Wide(y), Wide(z));
            largest = largest.Or(VerbError.Between(found.AsSpan((int)product.C, expected.Length), expected, 1, VerbError.Roundoff<T>() * (product.Inner + 2)));
        }

        return largest;
    }

    private VerbError Vector()
    {
        long[] starts = new long[Runs.Length + 1];
        for (int run = 0; run < Runs.Length; run++)
            starts[run + 1] = starts[run] + Runs[run];
        double[] alphas = [.. Enumerable.Range(0, Runs.Length).Select(run => Math.Cos(run))];
        T[] x = Drawn(4, (int)starts[^1]), y = Drawn(5, x.Length);
        using BackendBuffer<T> ofX = Buffer(x);
        VerbError largest = default;
        foreach (VectorOperation operation in (VectorOperation[])[VectorOperation.Axpy, VectorOperation.Exp, VectorOperation.Log])
        {
            using BackendBuffer<T> ofY = Buffer(y);
            Backend.VectorMap(operation, starts, operation == VectorOperation.Axpy ? alphas : [], ofX, ofY, _execution);
            largest = largest.Or(VerbError.Between(Read(ofY), NaiveArrays.Map(operation, starts, alphas, Wide(x), Wide(y)), 1, VerbError.Roundoff<T>()));
        }

        foreach (VectorOperation operation in (VectorOperation[])[VectorOperation.Sum, VectorOperation.Max])
        {
            using BackendBuffer<double> results = Backend.Allocate<double>(Runs.Length);
            Backend.VectorReduce(operation, starts, ofX, results, _execution);
            largest = largest.Or(VerbError.Between(Read(results), NaiveArrays.Reduced(operation, starts, Wide(x)), 1, VerbError.Roundoff<double>() * Runs.Max()));
        }

        const int Length = 300;
        long[] groups = [0, 3, 3, 4, 8], places = [0, 300, 17, 600, 0, 1, 2, 599];
        using BackendBuffer<double> sums = Backend.Allocate<double>((groups.Length - 1) * Length);
        Backend.VectorGroupSum(groups, places, alphas.AsSpan(0, places.Length), Length, ofX, sums, _execution);
        return largest.Or(VerbError.Between(Read(sums), NaiveArrays.GroupSums(groups, places, alphas, Length, Wide(x)), 1, VerbError.Roundoff<double>() * places.Length));
    }

    /// <summary>What measures the device must compute what it is taken for.</summary>
    private static VerbError Limits(CudaRuntime runtime)
    {
        const int Rounds = 5;
        float[] source = [.. Enumerable.Range(0, 4 * 1009).Select(k => k - 0.5f)];
        VerbError largest = VerbError.Between(
            Array.ConvertAll(Cuda.Kernels.Limits.Copied(runtime, source), x => (double)x), Array.ConvertAll(source, x => (double)x), 1, VerbError.Roundoff<float>());
        foreach (bool powers in (bool[])[true, false])
        {
            T[] found = Cuda.Kernels.Limits.Chained<T>(runtime, powers, Rounds);
            double[] expected = [.. Enumerable.Range(0, found.Length).Select(thread => NaiveArrays.Chains(thread, Rounds, powers))];
            largest = largest.Or(VerbError.Between(Wide(found), expected, 1, VerbError.Roundoff<T>() * Rounds));
        }

        if (runtime.Limits.Capability < Cuda.Kernels.Tuning.TensorCoresFrom)
            return largest;
        double[] products = Array.ConvertAll(Cuda.Kernels.Limits.ProductsChained(runtime, Rounds), x => (double)x);
        return largest.Or(VerbError.Between(products, [.. Enumerable.Range(0, products.Length).Select(thread => NaiveArrays.ProductChains(thread, Rounds))], 1, VerbError.Roundoff<float>()));
    }

    private static double[] Wide(T[] values) => Array.ConvertAll(values, double.CreateChecked);

    /// <summary>From 0.25 to 1.25.</summary>
    private T[] Drawn(int stream, int count)
    {
        Random random = new(_seed + stream);
        return [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(0.25 + random.NextDouble()))];
    }

    private BackendBuffer<T> Buffer(T[] elements)
    {
        BackendBuffer<T> buffer = Backend.Allocate<T>(elements.Length);
        buffer.CopyFrom(elements, 0);
        return buffer;
    }

    private static double[] Read(BackendBuffer<T> buffer)
    {
        T[] found = new T[buffer.Length];
        buffer.CopyTo(found, 0);
        return Wide(found);
    }

    private static double[] Read(BackendBuffer<double> buffer)
    {
        double[] found = new double[buffer.Length];
        buffer.CopyTo(found, 0);
        return found;
    }
}
