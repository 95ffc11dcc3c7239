namespace OtEngine;

/// <summary>
/// An input was refused before any work began. <see cref="Error"/> says which rule was broken, the message gives
/// the value, the allowed range and what to do.
/// </summary>
public sealed class ProblemException : ArgumentException
{
    /// <summary>Creates the exception without details.</summary>
    public ProblemException()
        : this(ProblemError.OutOfRange, "The problem is not valid.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ProblemException(string message)
        : this(ProblemError.OutOfRange, message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ProblemException(string message, Exception innerException)
        : base(message, innerException)
    {
        Error = ProblemError.OutOfRange;
    }

    /// <summary>Creates the exception for a broken rule.</summary>
    public ProblemException(ProblemError error, string message)
        : base(message)
    {
        Error = error;
    }

    /// <summary>The rule that was broken.</summary>
    public ProblemError Error { get; }
}
