namespace OtEngine.Backends;

/// <summary>Sums over an entropic plan of weights of total one.</summary>
/// <param name="TransportCost">sum C_ij P_ij.</param>
/// <param name="Mass">sum P_ij.</param>
/// <param name="Entropy">sum P_ij ln(P_ij / (a_i b_j)).</param>
/// <param name="Linear">sum a_i f_i + sum b_j g_j.</param>
/// <param name="ErrorA">sum_i |sum_j P_ij - a_i|.</param>
/// <param name="ErrorB">sum_j |sum_i P_ij - b_j|.</param>
/// <param name="LowerBound">Dual value of the hard c-transform, twice over, of g; NaN if no bracket was asked for.</param>
/// <param name="UpperBound">Cost of the feasible plan that rounding makes of P; NaN if no bracket was asked for.</param>
internal readonly record struct PlanReduction(
    double TransportCost,
    double Mass,
    double Entropy,
    double Linear,
    double ErrorA,
    double ErrorB,
    double LowerBound,
    double UpperBound);
