using System.Diagnostics;
using ManagedCuda;
using ManagedCuda.CudaBlas;
using OtEngine;
using Math = System.Math;

const int Rows = 200, Columns = 300, Dimension = 3, Inner = Dimension + 2;

// What belongs to the application: a context, a stream, a handle of cuBLAS, and arrays in device memory.
using CudaContext context = new(0);
using CudaStream stream = new();
CudaBlas blas = new(stream.Stream);
try
{
    // Squared distances are inner products: of (x, |x|^2, 1) with (-2 y, 1, |y|^2).
    Random random = new(7);
    double[] left = new double[Rows * Inner], right = new double[Columns * Inner], hostA = new double[Rows], hostB = new double[Columns];
    for (int i = 0; i < Rows; i++)
        Lift(left.AsSpan(i * Inner, Inner), 0, 1, isLeft: true);
    for (int j = 0; j < Columns; j++)
        Lift(right.AsSpan(j * Inner, Inner), 0.5, -2, isLeft: false);
    Weigh(hostA);
    Weigh(hostB);
    using CudaDeviceVariable<double> u = left, v = right, a = hostA, b = hostB;
    using CudaDeviceVariable<double> costs = new(Rows * Columns), f = new(Rows), g = new(Columns);

    // Row-major to the engine is column-major, transposed, to cuBLAS: the matrix it makes is Columns x Rows.
    blas.Gemm(Operation.Transpose, Operation.NonTranspose, Columns, Rows, Inner, 1.0, v, Inner, u, Inner, 0.0, costs, Columns);

    // An engine that works in the same context and stream, by the very libraries that ManagedCuda has loaded, and multiplies by the same handle.
    using Engine engine = Engine.Create(o => o.UseCuda(cuda =>
    {
        cuda.Requirement = CudaRequirement.Required;
        cuda.DriverPath = Loaded("libcuda.so", "nvcuda.dll");
        cuda.ExternalContext = context.Context.Pointer;
        cuda.ExternalStream = stream.Stream.Pointer;
        cuda.BatchInvariant = false;
        cuda.CublasPath = Loaded("libcublas.so", "cublas64_");
        cuda.ExternalCublas = blas.CublasHandle.Pointer;
    }));

    // From device memory into device memory, after what is queued in the stream: costs stay where cuBLAS has put them, and so does the answer.
    SinkhornSummary summary = engine.Solve(Of(costs), Of(a), Of(b), new Sinkhorn { EpsilonRelative = 0.05 }, Of(f), Of(g), after: stream.Stream.Pointer);
    Console.WriteLine($"on {engine.DeviceName}: {summary.Status} after {summary.Iterations} sweeps, transport cost {summary.TransportCost:F6}");

    // The application goes on with it by its own handle. Of a plan with the right mass, the dual value is <a, f> + <b, g>.
    double dual = blas.Dot(a, 1, f, 1) + blas.Dot(b, 1, g, 1);
    Console.WriteLine($"dual cost {summary.DualCost:F6}, by cuBLAS from the potentials {dual:F6}");

    // The same problem from host memory, on the CPU.
    double[] hostCosts = costs, hostF = f;
    using Engine cpu = Engine.Create();
    using TransportResult<double> expected = cpu.Solve(
        TransportProblem.On(new DenseGeometry<double>(hostCosts, Rows, Columns)).WithWeights(hostA, hostB), new Sinkhorn { EpsilonRelative = 0.05 });
    double difference = Math.Abs(expected.TransportCost - summary.TransportCost) / expected.TransportCost;
    Console.WriteLine($"on the CPU {expected.TransportCost:F6}, relative difference {difference:E1}");

    // Products of Gromov-Wasserstein go through the application's handle.
    GromovProblem<double> spaces = GromovProblem.FromCosts(Distances(left, Rows), Distances(right, Columns)).WithWeights(hostA, hostB);
    using GromovResult<double> gromov = engine.Solve(spaces, new GromovWasserstein { MaxSteps = 5 });
    using GromovResult<double> gromovOfCpu = cpu.Solve(spaces, new GromovWasserstein { MaxSteps = 5 });
    double gromovDifference = Math.Abs(gromov.Value - gromovOfCpu.Value) / gromovOfCpu.Value;
    Console.WriteLine($"Gromov-Wasserstein {gromov.Value:F6}, relative difference {gromovDifference:E1}");
    return difference < 1e-9 && gromovDifference < 1e-9 && Math.Abs(dual - summary.DualCost) < 1e-5 * Math.Abs(dual) ? 0 : 1;

    void Lift(Span<double> row, double shift, double factor, bool isLeft)
    {
        double square = 0;
        for (int k = 0; k < Dimension; k++)
        {
            double coordinate = shift + random.NextDouble();
            square += coordinate * coordinate;
            row[k] = factor * coordinate;
        }

        (row[Dimension], row[Dimension + 1]) = isLeft ? (square, 1.0) : (1.0, square);
    }

    // Uneven, one atom without mass, in total one.
    void Weigh(double[] weights)
    {
        for (int k = 1; k < weights.Length; k++)
            weights[k] = random.NextDouble();
        double total = weights.Sum();
        for (int k = 0; k < weights.Length; k++)
            weights[k] /= total;
    }
}
finally
{
    blas.Dispose();
}

static DeviceMemory<double> Of(CudaDeviceVariable<double> variable) => new((nint)(ulong)variable.DevicePointer.Pointer, (long)variable.Size);

// Where a library of this process lies.
static string Loaded(string name, string windowsName) => Process.GetCurrentProcess().Modules.Cast<ProcessModule>()
    .First(module => module.ModuleName.StartsWith(name, StringComparison.Ordinal) || module.ModuleName.StartsWith(windowsName, StringComparison.OrdinalIgnoreCase)).FileName;

static double[,] Distances(double[] points, int count)
{
    double[,] distances = new double[count, count];
    for (int i = 0; i < count; i++)
    {
        for (int j = 0; j < count; j++)
        {
            for (int k = 0; k < Dimension; k++)
                distances[i, j] += (points[(i * Inner) + k] - points[(j * Inner) + k]) * (points[(i * Inner) + k] - points[(j * Inner) + k]);
        }
    }

    return distances;
}
