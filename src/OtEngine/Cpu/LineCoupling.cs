using System.Numerics;

namespace OtEngine.Cpu;

/// <summary>
/// The monotone coupling of two sides on the line: the r-th part of mass from the left meets the r-th part from the left, which
/// is optimal for every convex cost of the difference. On a circle of length L the second side is turned first: quantile
/// u of side a meets quantile u - Turn of side b, extended by G(u + M) = G(u) + L.
/// </summary>
/// <remarks>
/// Masses are differences of running sums. These are kept to 106 bits, in units in which uniform weights are integers, so
/// that a small mass next to a large one is as exact as the large one, and equal running sums are seen to be equal.
/// </remarks>
internal sealed class LineCoupling
{
    private LineCoupling(LineSide a, LineSide b, double order, double? circumference, double unit)
    {
        A = a;
        B = b;
        Order = order;
        Circumference = circumference;
        Unit = unit;
    }

    public LineSide A { get; }

    public LineSide B { get; }

    /// <summary>p of |x - y|^p.</summary>
    public double Order { get; }

    public double? Circumference { get; }

    /// <summary>Mass of the problem in one unit of the running sums.</summary>
    public double Unit { get; }

    /// <summary>By how much mass side b is turned, in units of the running sums; 0 on the line.</summary>
    public DoubleDouble Turn { get; private set; }

    /// <summary>Sorts both sides, on two threads if there are two, and on a circle finds the best turn.</summary>
    public static LineCoupling Of<T>(LineProblem<T> problem, int threads, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        LineSide a = null!;
        LineSide b = null!;
        if (threads > 1 && problem.X.Length + problem.Y.Length > 20_000)
        {
            Parallel.Invoke(
                () => a = LineSide.Of(problem.X, problem.A, problem.Circumference),
                () => b = LineSide.Of(problem.Y, problem.B, problem.Circumference));
        }
        else
        {
            a = LineSide.Of(problem.X, problem.A, problem.Circumference);
            b = LineSide.Of(problem.Y, problem.B, problem.Circumference);
        }

        cancellation.ThrowIfCancellationRequested();
        if (problem.Circumference is not null)
            (a, b) = (a.WithoutMassless(), b.WithoutMassless());

        DoubleDouble totalA = a.TotalWeight();
        DoubleDouble totalB = b.TotalWeight();
        double unit = 1;
        if (totalA != totalB || a.IsUniform || b.IsUniform)
        {
            // Either side's weights times the other's total: exact where a side is uniform, and ending alike. A power of two
            // common to both keeps the products in range.
            double common = Math.ScaleB(1, -Math.ILogB(totalB.ToDouble()) - 1);
            a.Scale = totalB * common;
            b.Scale = totalA * common;
            unit = 1 / (a.Scale.ToDouble() * (a.IsUniform ? a.Count : 1));
        }

        LineCoupling coupling = new(a, b, problem.Order, problem.Circumference, unit);
        if (problem.Circumference is not null)
            coupling.Turn = CircleTurn.Best(coupling, cancellation);
        return coupling;
    }

    /// <summary>|difference|^p.</summary>
    public double Cost(double difference)
    {
        double distance = Math.Abs(difference);
        return Order == 1 ? distance : Order == 2 ? distance * distance : Math.Pow(distance, Order);
    }

    /// <summary>sum over the cells of |x - y|^p times mass, compensated.</summary>
    public double TransportCost()
    {
        if (A.IsUniform && B.IsUniform && A.Count == B.Count && Circumference is null)
        {
            CompensatedSum sum = default;
            for (int k = 0; k < A.Positions.Length; k++)
                sum.Add(Cost(A.Positions[k] - B.Positions[k]));
            return sum.Value / A.Count;
        }

        CostVisitor visitor = new(this);
        Walk(ref visitor);
        return visitor.Value;
    }

    /// <summary>Visits the cells of the coupling from left to right.</summary>
    public void Walk<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ILineVisitor
    {
        if (Circumference is not null)
        {
            CircleTurn.Walk(this, ref visitor);
            return;
        }

        int k = 0;
        int l = 0;
        DoubleDouble endA = A.Mass(0);
        DoubleDouble endB = B.Mass(0);
        DoubleDouble done = 0;
        while (true)
        {
            bool stepA = endA <= endB;
            DoubleDouble end = stepA ? endA : endB;
            visitor.Visit(k, l, 0, Math.Max(0, (end - done).ToDouble()) * Unit);
            done = end;
            if ((stepA && k + 1 < A.Count) || l + 1 == B.Count)
            {
                if (++k == A.Count)
                    return;
                endA += A.Mass(k);
            }
            else
            {
                endB += B.Mass(++l);
            }
        }
    }

    private struct CostVisitor(LineCoupling coupling) : ILineVisitor
    {
        private readonly double[] _x = coupling.A.Positions;
        private readonly double[] _y = coupling.B.Positions;
        private readonly double _circumference = coupling.Circumference ?? 0;
        private CompensatedSum _sum;

        public readonly double Value => _sum.Value;

        public void Visit(int k, int l, int turns, double mass)
        {
            if (mass > 0)
                _sum.AddProduct(coupling.Cost(_x[k] - (_y[l] + (turns * _circumference))), mass);
        }
    }
}
