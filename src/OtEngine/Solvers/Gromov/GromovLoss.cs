namespace OtEngine;

/// <summary>The loss L(x, y) between an inner cost x of side a and an inner cost y of side b; see <see cref="GromovWasserstein"/>.</summary>
public enum GromovLoss
{
    /// <summary>(x - y)^2.</summary>
    Square,

    /// <summary>x ln((x + 1e-15) / (y + 1e-15)) - x + y, of inner costs of at least zero. The shift, POT's, keeps it finite where y is zero and x is not.</summary>
    KullbackLeibler,
}
