namespace OtEngine.Cli.Bench;

/// <summary>What one unit of a benchmark cannot do without, counted from its shape; what more it does is its own loss.</summary>
internal readonly record struct BenchWork
{
    /// <summary>Bytes that must be read from memory or cache.</summary>
    public double Bytes { get; init; }

    /// <summary>The block that those bytes are read from, on whose size the speed of reading depends; 0 is all of them.</summary>
    public long Block { get; init; }

    /// <summary>Exponentials, in the row's element type.</summary>
    public double Exponentials { get; init; }

    /// <summary>Fused multiply-adds, in the row's element type; an addition or multiplication alone counts as one.</summary>
    public double MultiplyAdds { get; init; }

    /// <summary>Multiply-adds on tensor cores, in TF32; a core of the CPU has none.</summary>
    public double Products { get; init; }

    /// <summary>Whether the arithmetic is in double whatever the row's element type.</summary>
    public bool InDouble { get; init; }
}
