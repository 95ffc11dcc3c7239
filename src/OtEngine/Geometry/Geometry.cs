namespace OtEngine;

/// <summary>
/// What moving mass costs: a matrix C of <see cref="Rows"/> by <see cref="Columns"/>, stored or implied. Geometries
/// are immutable and may be shared by any number of problems and threads.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public abstract class Geometry<T>
    where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
{
    private protected Geometry(int rows, int columns)
    {
        ElementType.Require<T>();
        if (rows == 0 || columns == 0)
            Throw.Empty(rows == 0 ? "Side a" : "Side b");
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Number of atoms on side a (sources).</summary>
    public int Rows { get; }

    /// <summary>Number of atoms on side b (sinks).</summary>
    public int Columns { get; }

    /// <summary>q where the cost is known to be the q-th power of a metric, so that distances are defined; else null.</summary>
    public abstract double? MetricPower { get; }
}
