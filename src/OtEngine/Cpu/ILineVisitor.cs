namespace OtEngine.Cpu;

/// <summary>What a walk along the monotone coupling does with each of its cells.</summary>
internal interface ILineVisitor
{
    /// <summary>
    /// The k-th atom of a meets the l-th of b, counted from the left. Consecutive cells differ by one step of one side.
    /// </summary>
    /// <param name="k">Atom of side a, in ascending order.</param>
    /// <param name="l">Atom of side b, in ascending order.</param>
    /// <param name="turns">How often b's atom has gone around the circle; 0 on the line.</param>
    /// <param name="mass">Mass shared, possibly zero, in units of the problem.</param>
    void Visit(int k, int l, int turns, double mass);
}
