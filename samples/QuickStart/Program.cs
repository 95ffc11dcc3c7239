using System.Numerics.Tensors;
using OtEngine;

using Engine engine = Engine.Create();

// Two clouds of points in the plane, and the exact cost of moving the one onto the other.
TransportProblem<double> problem = TransportProblem.Between(new double[,] { { 0, 0 }, { 0, 2 } }, new double[,] { { 2, 1 }, { 2, 2 } });
using TransportResult<double> result = engine.Solve(problem, new Exact());
Console.WriteLine($"cost {result.TransportCost:F4}, distance {result.Distance:F4}, {result.Status}");

// The proof: a dual value and the cost of a plan, with the optimum between them.
Console.WriteLine($"optimum in [{result.LowerBound:F4}, {result.UpperBound:F4}], relative gap {result.Certificate.RelativeGap:F4}");
foreach (PlanEntry entry in result.Plan.ToSparse())
    Console.WriteLine($"  {entry.Mass:F2} from x{entry.Row} to y{entry.Column}");

// With entropy: a smooth plan from many cheap sweeps, and a bracket on the exact cost all the same.
using TransportResult<double> soft = engine.Solve(problem, new Sinkhorn { Epsilon = 0.5 });
Console.WriteLine($"entropic cost {soft.TransportCost:F4}, {soft.Status}, exact optimum in [{soft.LowerBound:F4}, {soft.UpperBound:F4}]");

// The potential of side a as a function on the plane, and the map that follows its slope, at points of neither cloud.
KantorovichPotential<double> potential = engine.Potential(problem, result.Potentials, TransportSide.A);
double[] image = new double[2];
potential.Map([1, 3], image);
Console.WriteLine($"slope at (1, 3): {potential.At([1, 3.5]) - potential.At([1, 2.5]):F4}, image ({image[0]}, {image[1]})");

// Any costs and weights: three goods from two stores.
double[,] costs = { { 0, 1, 4 }, { 2, 1, 0 } };
using TransportResult<double> goods = engine.Solve(TransportProblem.FromCosts(costs).WithWeights([2, 2], [1, 1, 2]), new Exact());
Console.WriteLine($"goods cost {goods.TransportCost:F4}");

// Four rows for three columns, each used at most once.
AssignmentResult assignment = engine.Assign(Tensor.Create([8.0, 4, 7, 5, 2, 3, 9, 6, 7, 9, 4, 8], [4, 3]));
Console.WriteLine($"assignment cost {assignment.TotalCost:F4}");
for (int k = 0; k < assignment.RowIndices.Length; k++)
    Console.WriteLine($"  row {assignment.RowIndices.Span[k]} to column {assignment.ColumnIndices.Span[k]}");

// On the line the cost is the area between two distribution functions.
LineProblem<double> line = LineProblem.Between<double>([0, 0.25, 0.75], [0, 0.25, 0.75], p: 1).WithWeights([0.4, 0.4, 0.2], []);
Console.WriteLine($"on the line {engine.Solve(line).TransportCost:F4}");
