using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>What the verbs on arrays compute, by their definitions in double, one number after the other.</summary>
internal static class NaiveArrays
{
    /// <summary>alpha op(A) op(B) + beta C of one product.</summary>
    public static double[] Product(in MatrixProduct product, double[] a, double[] b, double[] c)
    {
        double[] result = new double[product.Rows * product.Columns];
        for (int k = 0; k < result.Length; k++)
        {
            (int i, int j) = Math.DivRem(k, product.Columns);
            double sum = 0;
            for (int l = 0; l < product.Inner; l++)
            {
                sum += a[product.A + (product.TransposedA != 0 ? (l * product.Rows) + i : (i * product.Inner) + l)]
                    * b[product.B + (product.TransposedB != 0 ? (j * product.Inner) + l : (l * product.Columns) + j)];
            }

            result[k] = (product.Alpha * sum) + (product.Beta * c[product.C + k]);
        }

        return result;
    }

    /// <summary>y + alpha_r x, exp x or ln x of each run.</summary>
    public static double[] Map(VectorOperation operation, long[] starts, double[] alphas, double[] x, double[] y)
    {
        double[] result = [.. y];
        for (int run = 0; run + 1 < starts.Length; run++)
        {
            for (long k = starts[run]; k < starts[run + 1]; k++)
            {
                result[k] = operation switch
                {
                    VectorOperation.Axpy => y[k] + (alphas[run] * x[k]),
                    VectorOperation.Exp => Math.Exp(x[k]),
                    _ => Math.Log(x[k]),
                };
            }
        }

        return result;
    }

    /// <summary>The sum or the largest of each run; of none zero, or minus infinity.</summary>
    public static double[] Reduced(VectorOperation operation, long[] starts, double[] x)
    {
        double[] result = new double[starts.Length - 1];
        for (int run = 0; run < result.Length; run++)
        {
            double[] own = x[(int)starts[run]..(int)starts[run + 1]];
            result[run] = operation == VectorOperation.Sum ? own.Sum() : own.Length == 0 ? double.NegativeInfinity : own.Max();
        }

        return result;
    }

    /// <summary>sum over the members of each group of weight times member.</summary>
    public static double[] GroupSums(long[] groups, long[] places, double[] weights, int length, double[] x)
    {
        double[] result = new double[(groups.Length - 1) * length];
        for (int k = 0; k < result.Length; k++)
        {
            for (long member = groups[k / length]; member < groups[(k / length) + 1]; member++)
                result[k] += weights[member] * x[places[member] + (k % length)];
        }

        return result;
    }

    /// <summary>The least cost of a matching of all rows, at most as many as columns: row after row by a shortest path, with no care for speed or ties.</summary>
    public static double LeastAssignment(double[] costs, int rows, int columns)
    {
        // Rows and columns are counted from one; column zero stands for the row that comes in.
        double[] u = new double[rows + 1], v = new double[columns + 1];
        int[] rowOf = new int[columns + 1];
        for (int row = 1; row <= rows; row++)
        {
            double[] nearest = new double[columns + 1];
            Array.Fill(nearest, double.PositiveInfinity);
            int[] before = new int[columns + 1];
            bool[] scanned = new bool[columns + 1];
            rowOf[0] = row;
            int column = 0;
            while (rowOf[column] != 0)
            {
                scanned[column] = true;
                int from = rowOf[column], next = 0;
                for (int j = 1; j <= columns; j++)
                {
                    double reduced = costs[((from - 1) * columns) + j - 1] - u[from] - v[j];
                    if (!scanned[j] && reduced < nearest[j])
                        (nearest[j], before[j]) = (reduced, column);
                    if (!scanned[j] && (next == 0 || nearest[j] < nearest[next]))
                        next = j;
                }

                double step = nearest[next];
                for (int j = 0; j <= columns; j++)
                {
                    if (scanned[j])
                        (u[rowOf[j]], v[j]) = (u[rowOf[j]] + step, v[j] - step);
                    else
                        nearest[j] -= step;
                }

                column = next;
            }

            for (; column != 0; column = before[column])
                rowOf[column] = rowOf[before[column]];
        }

        return Enumerable.Range(1, columns).Where(column => rowOf[column] != 0).Sum(column => costs[((rowOf[column] - 1) * columns) + column - 1]);
    }

    /// <summary>
    /// The sum of what a lane of a warp holds of eight chains, the k-th k + rounds A B, of matrices 16 x 8 and 8 x 8 of eighths: with g = lane / 4
    /// and t = lane % 4 rows g and g + 8 of columns 2 t and 2 t + 1.
    /// </summary>
    public static double ProductChains(int thread, int rounds)
    {
        int lane = thread % 32;
        double sum = 4 * 28;
        foreach (int row in (int[])[lane / 4, (lane / 4) + 8])
        {
            foreach (int column in (int[])[lane % 4 * 2, (lane % 4 * 2) + 1])
            {
                for (int inner = 0; inner < 8; inner++)
                    sum += 8 * rounds * ((((row + (3 * inner)) % 7) - 3) / 8.0) * (((((2 * inner) + column) % 5) - 2) / 8.0);
            }
        }

        return sum;
    }

    /// <summary>The sum of a thread's eight chains after some rounds of x = 2^(-x), or of x = 0.75 x + 0.25.</summary>
    public static double Chains(int thread, int rounds, bool powers)
    {
        double sum = 0;
        for (int k = 0; k < 8; k++)
        {
            double x = 0.5 + (((thread % 7) + k) / 32.0);
            for (int round = 0; round < rounds; round++)
                x = powers ? Math.Pow(2, -x) : (0.75 * x) + 0.25;
            sum += x;
        }

        return sum;
    }
}
