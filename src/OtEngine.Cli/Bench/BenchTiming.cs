namespace OtEngine.Cli.Bench;

/// <summary>A row's time, and how much of the machine's limits that is.</summary>
/// <param name="Row">The row.</param>
/// <param name="Seconds">Seconds a unit, by medians; NaN where other work disturbed too much to tell.</param>
/// <param name="Samples">Timings that the medians are of.</param>
/// <param name="Work">What a unit needs.</param>
/// <param name="Share">The least seconds that the limits leave for a unit, over those it took; NaN where nothing is counted.</param>
/// <param name="Limit">The limit that binds: reading, exp2, multiply-add or tensor cores; - where nothing is counted.</param>
internal sealed record BenchTiming(BenchRow Row, double Seconds, int Samples, BenchWork Work, double Share, string Limit);
