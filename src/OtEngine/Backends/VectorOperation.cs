namespace OtEngine.Backends;

/// <summary>What the verb Vector does to the elements of a run; <c>ot::vector_operation</c> of kernels/vector.cu.</summary>
internal enum VectorOperation
{
    /// <summary>y = y + alpha x.</summary>
    Axpy,

    /// <summary>y = exp x.</summary>
    Exp,

    /// <summary>y = ln(x + alpha), alpha zero unless given.</summary>
    Log,

    /// <summary>The sum of a run.</summary>
    Sum,

    /// <summary>The largest of a run; NaN if one is.</summary>
    Max,
}
