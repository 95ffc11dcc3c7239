namespace OtEngine.TestSupport;

/// <summary>A plan (row-major, n x m), its cost and dual potentials.</summary>
public sealed record NaiveTransportAnswer(double Value, double[] Plan, double[] U, double[] V);
