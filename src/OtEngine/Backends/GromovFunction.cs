namespace OtEngine.Backends;

/// <summary>The part of a loss L(x, y) = f1(x) + f2(y) - h1(x) h2(y) that depends on one side alone; <c>ot::gromov_function</c>.</summary>
internal enum GromovFunction
{
    /// <summary>x^2: both sides of the square loss.</summary>
    Square,

    /// <summary>x ln(x + 1e-15) - x: side a of the KL loss.</summary>
    Entropy,

    /// <summary>x: side b of the KL loss.</summary>
    Identity,
}
