namespace OtEngine.Backends;

/// <summary>How an engine comes by another backend than the CPU; set by whoever brings one.</summary>
/// <param name="Start">Makes it, or says why it cannot; may throw where it is required.</param>
/// <param name="FallbackOnFault">Whether calls go on on the CPU once the device is lost.</param>
/// <param name="Log">Hears one line when the engine falls back; null if nobody listens.</param>
internal sealed record Accelerator(Func<EngineOptions, AcceleratorStart> Start, bool FallbackOnFault, Action<string>? Log);

/// <summary>What came of it.</summary>
/// <param name="Backend">The backend; null if there is none.</param>
/// <param name="DeviceName">The device's name; null without a backend.</param>
/// <param name="Reason">Why there is no backend; null if there is one.</param>
internal readonly record struct AcceleratorStart(Backend? Backend, string? DeviceName, string? Reason);
