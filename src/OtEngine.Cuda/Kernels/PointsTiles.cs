namespace OtEngine.Cuda.Kernels;

/// <summary>The blocks that the problems of one wave have in the kernels of <see cref="SinkhornPoints"/>.</summary>
internal sealed record PointsTiles
{
    /// <summary>Of costs that are formed pair by pair: tiles of rows.</summary>
    public required Tiles Rows { get; init; }

    /// <summary>Likewise of columns.</summary>
    public required Tiles Columns { get; init; }

    /// <summary>Of points under the squared Euclidean cost: tiles of both sides' atoms.</summary>
    public required Tiles Take { get; init; }

    /// <summary>The same where inner products are made on tensor cores.</summary>
    public required Tiles ProductsTake { get; init; }

    /// <summary>Tiles of rows.</summary>
    public required Tiles Update { get; init; }

    /// <summary>Tiles of rows times parts of the columns.</summary>
    public required Tiles SumsA { get; init; }

    /// <summary>Tiles of columns times parts of the rows.</summary>
    public required Tiles SumsB { get; init; }

    /// <summary>Tiles of rows times parts of the columns, where inner products are made on tensor cores.</summary>
    public required Tiles ProductsA { get; init; }

    /// <summary>Tiles of columns times parts of the rows, likewise.</summary>
    public required Tiles ProductsB { get; init; }
}
