namespace OtEngine.TestSupport;

/// <summary>W_p^p on the line and on the circle by their definitions through quantile functions.</summary>
public static class NaiveOneDimension
{
    /// <summary>The integral over the mass of |X(t) - Y(t)|^p, where X and Y are the quantile functions.</summary>
    public static double Line(double[] x, double[] y, double[] a, double[] b, double p) => Cost(Pieces(x, a), Pieces(y, b), p);

    /// <summary>
    /// The least over a shift s of the integral of |X(t) - Y(t + s)|^p on the circle of length 1, where Y(t + total) = Y(t) + 1.
    /// The cost is piecewise linear in s, so every kink is tried.
    /// </summary>
    public static double Circle(double[] x, double[] y, double[] a, double[] b, double p)
    {
        List<Piece> first = Pieces(x, a), second = Pieces(y, b);
        if (first.Count == 0)
            return 0;
        double total = first[^1].To;
        var shifts = from f in first from g in second from turn in new[] { -1, 0, 1 } select g.To - f.To + (turn * total);
        return shifts.Where(s => Math.Abs(s) <= total).Distinct().Min(s => Cost(first, Shifted(second, total, s), p));
    }

    private static List<Piece> Pieces(double[] points, double[] weights)
    {
        var pieces = new List<Piece>();
        double to = 0;
        foreach (int i in Enumerable.Range(0, points.Length).Where(i => weights[i] > 0).OrderBy(i => points[i]))
            pieces.Add(new Piece(to, to += weights[i], points[i]));
        return pieces;
    }

    private static List<Piece> Shifted(List<Piece> pieces, double total, double shift) =>
        [.. from turn in Enumerable.Range(-2, 5)
            from piece in pieces
            let moved = new Piece(
                Math.Max(0, piece.From + (turn * total) - shift), Math.Min(total, piece.To + (turn * total) - shift), piece.Point + turn)
            where moved.To > moved.From
            select moved];

    private static double Cost(List<Piece> first, List<Piece> second, double p) => NeumaierSum.Of(
        from f in first
        from g in second
        let length = Math.Min(f.To, g.To) - Math.Max(f.From, g.From)
        where length > 0
        select length * Math.Pow(Math.Abs(f.Point - g.Point), p));

    // The quantile function has the value Point on (From, To).
    private readonly record struct Piece(double From, double To, double Point);
}
