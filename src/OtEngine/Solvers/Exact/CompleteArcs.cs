namespace OtEngine;

/// <summary>Every pair of a source and a sink.</summary>
internal readonly struct CompleteArcs<TRows>(TRows rows) : ITierArcs
    where TRows : struct, ICostRows
{
    public int Sources => rows.Rows;

    public int Sinks => rows.Columns;

    public long Count => (long)rows.Rows * rows.Columns;

    public int Degree(int source) => rows.Columns;

    public int Sink(int source, int k) => k;

    public double Cost(int source, int k) => rows.Cost(source, k);

    public double CostBetween(int source, int sink) => rows.Cost(source, sink);
}
