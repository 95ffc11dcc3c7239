namespace OtEngine.Cpu;

/// <summary>
/// The turn of a circle that makes the monotone coupling cheapest. With G(u + M) = G(u) + L, the cost of the turn t,
/// C(t) = integral over [0, M] of |F(u) - G(u - t)|^p du, is convex, and linear between breakpoints, where an end of mass of
/// one side meets one of the other; so bisection on its slope ends at the exact minimum.
/// Source: J. Delon, J. Salomon, A. Sobolevski, SIAM Journal on Applied Mathematics 70 (2010).
/// </summary>
/// <remarks>Work: O(n + m) a step, about as many steps as bits needed to tell the breakpoints apart. Memory: O(n + m).</remarks>
internal static class CircleTurn
{
    /// <summary>Halvings of an interval of running sums of 106 bits; breakpoints closer than that are one.</summary>
    private const int MaxSteps = 256;

    public static DoubleDouble Best(LineCoupling coupling, CancellationToken cancellation)
    {
        DoubleDouble[] endsA = Ends(coupling.A);
        DoubleDouble[] endsB = Ends(coupling.B);

        // Turning by more than a whole round makes every difference of one sign and then only grows it.
        DoubleDouble low = -endsA[^1];
        DoubleDouble high = endsA[^1];
        for (int step = 0; step < MaxSteps && low < high; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            DoubleDouble middle = step == 0 ? 0 : (low + high) * 0.5;
            Slopes slopes = SlopesAt(coupling, endsA, endsB, middle);
            if (slopes.Left <= 0 && slopes.Right >= 0)
                return middle;
            if (slopes.Right < 0)
                low = middle + slopes.NextBreakpoint;
            else
                high = middle - slopes.LastBreakpoint;
        }

        return low;
    }

    /// <summary>Visits the cells of the turned coupling, side a from left to right.</summary>
    public static void Walk<TVisitor>(LineCoupling coupling, ref TVisitor visitor)
        where TVisitor : struct, ILineVisitor
    {
        DoubleDouble[] endsA = Ends(coupling.A);
        DoubleDouble[] endsB = Ends(coupling.B);
        TurnedEnds b = new(endsB, coupling.Turn, endsA[^1]);
        DoubleDouble done = 0;
        int k = 0;
        while (k < endsA.Length)
        {
            DoubleDouble endB = b.End;
            bool stepA = endsA[k] <= endB;
            DoubleDouble end = stepA ? endsA[k] : endB;
            visitor.Visit(k, b.Atom, b.Turns, Math.Max(0, (end - done).ToDouble()) * coupling.Unit);
            done = end;
            if (stepA)
                k++;
            else
                b.Step();
        }
    }

    /// <summary>The one-sided slopes of C at a turn, and the distances to the breakpoints on either side of it.</summary>
    private static Slopes SlopesAt(LineCoupling coupling, DoubleDouble[] endsA, DoubleDouble[] endsB, DoubleDouble turn)
    {
        double length = coupling.Circumference!.Value;
        DoubleDouble round = endsA[^1];
        double[] x = coupling.A.Positions;
        double[] y = coupling.B.Positions;
        TurnedEnds b = new(endsB, turn, round);
        CompensatedSum left = default;
        CompensatedSum right = default;
        DoubleDouble next = round;
        DoubleDouble last = round;
        int before = 0;
        int after = 0;
        for (int step = 0; step < endsB.Length; step++)
        {
            // Turning further by dt lets b's atom take the place of its successor on [end, end + dt].
            DoubleDouble end = b.End;
            double leaving = y[b.Atom] + (b.Turns * length);
            b.Step();
            double entering = y[b.Atom] + (b.Turns * length);
            while (before < endsA.Length - 1 && endsA[before] < end)
                before++;
            while (after < endsA.Length && endsA[after] <= end)
                after++;

            double xBefore = x[before];
            left.Add(coupling.Cost(xBefore - leaving));
            left.Add(-coupling.Cost(xBefore - entering));
            bool wraps = after == endsA.Length;
            double xAfter = wraps ? x[0] + length : x[after];
            right.Add(coupling.Cost(xAfter - leaving));
            right.Add(-coupling.Cost(xAfter - entering));

            next = Least(next, (wraps ? round + endsA[0] : endsA[after]) - end);
            last = Least(last, before == 0 ? end : end - endsA[before - 1]);
        }

        return new Slopes(left.Value, right.Value, next, last);
    }

    private static DoubleDouble Least(DoubleDouble x, DoubleDouble y) => y < x ? y : x;

    private static DoubleDouble[] Ends(LineSide side)
    {
        DoubleDouble[] ends = new DoubleDouble[side.Count];
        DoubleDouble end = 0;
        for (int k = 0; k < ends.Length; k++)
            ends[k] = end += side.Mass(k);
        return ends;
    }

    private readonly record struct Slopes(double Left, double Right, DoubleDouble NextBreakpoint, DoubleDouble LastBreakpoint);

    /// <summary>The ends of b's masses after the turn, from the first one above zero on, around and around.</summary>
    private struct TurnedEnds
    {
        private readonly DoubleDouble[] _ends;
        private readonly DoubleDouble _turn;
        private readonly DoubleDouble _round;
        private DoubleDouble _offset;

        public TurnedEnds(DoubleDouble[] ends, DoubleDouble turn, DoubleDouble round)
        {
            _ends = ends;
            _turn = turn;
            _round = round;
            Turns = turn > 0 ? -1 : 0;
            _offset = Offset();
            int first = Array.BinarySearch(ends, -_offset);
            Atom = first < 0 ? ~first : first + 1;
            while (Atom < ends.Length && End <= 0)
                Atom++;
            if (Atom == ends.Length)
            {
                Atom--;
                Step();
            }
        }

        public int Atom { get; private set; }

        public int Turns { get; private set; }

        public readonly DoubleDouble End => _ends[Atom] + _offset;

        public void Step()
        {
            if (++Atom < _ends.Length)
                return;
            Atom = 0;
            Turns++;
            _offset = Offset();
        }

        private readonly DoubleDouble Offset() => _turn + (_round * Turns);
    }
}
