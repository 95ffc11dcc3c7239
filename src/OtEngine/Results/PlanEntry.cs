namespace OtEngine;

/// <summary>One entry of a transport plan.</summary>
/// <param name="Row">Atom of side a.</param>
/// <param name="Column">Atom of side b.</param>
/// <param name="Mass">Mass moved between them.</param>
public readonly record struct PlanEntry(int Row, int Column, double Mass);
