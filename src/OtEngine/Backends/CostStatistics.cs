namespace OtEngine.Backends;

/// <summary>What a schedule needs to know of a cost matrix.</summary>
/// <param name="Least">min C_ij.</param>
/// <param name="Largest">max C_ij.</param>
/// <param name="MeanMagnitude">sum |C_ij| / (n m).</param>
internal readonly record struct CostStatistics(double Least, double Largest, double MeanMagnitude);
