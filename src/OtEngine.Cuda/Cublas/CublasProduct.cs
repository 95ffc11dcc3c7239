using OtEngine.Backends;

namespace OtEngine.Cuda.Cublas;

/// <summary>Products of one shape whose matrices lie at constant distances: what one call of cuBLAS computes.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="StrideA">From one A to the next.</param>
/// <param name="StrideB">From one B to the next.</param>
/// <param name="StrideC">From one C to the next.</param>
internal readonly record struct CublasProduct(MatrixProduct First, int Count, long StrideA, long StrideB, long StrideC)
{
    /// <summary>Most products of a call: batches are laid along an axis of a grid, which has 65,535 blocks.</summary>
    private const int MostCount = 65535;

    /// <summary>Takes a batch apart into calls: neighbours that fit together are one.</summary>
    public static List<CublasProduct> Of(IReadOnlyList<MatrixProduct> products)
    {
        List<CublasProduct> calls = [];
        foreach (MatrixProduct product in products)
        {
            if (calls.Count > 0 && calls[^1].With(product) is { } longer)
                calls[^1] = longer;
            else
                calls.Add(new CublasProduct(product, 1, 0, 0, 0));
        }

        return calls;
    }

    /// <summary>The same with one more product; null where that does not fit.</summary>
    private CublasProduct? With(MatrixProduct next)
    {
        if (Count == MostCount || next with { A = First.A, B = First.B, C = First.C } != First)
            return null;
        CublasProduct longer = this with { Count = Count + 1 };
        if (Count == 1)
            longer = longer with { StrideA = next.A - First.A, StrideB = next.B - First.B, StrideC = next.C - First.C };
        bool fits = next.A == First.A + (Count * longer.StrideA) && next.B == First.B + (Count * longer.StrideB) && next.C == First.C + (Count * longer.StrideC);

        // Operands may be shared; of going backwards cuBLAS says nothing.
        return fits && longer.StrideA >= 0 && longer.StrideB >= 0 && longer.StrideC >= (long)First.Rows * First.Columns ? longer : null;
    }
}
