namespace OtEngine.Cuda.Driver;

/// <summary>One library that was tried.</summary>
/// <param name="Path">As it was given to the loader.</param>
/// <param name="Found">Whether it was loaded.</param>
/// <param name="Reason">Why it was not, or what is missing in it; null if it serves.</param>
internal sealed record DriverSearch(string Path, bool Found, string? Reason);
