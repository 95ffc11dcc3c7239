namespace OtEngine;

/// <summary>A device failed, or is not there. The problem itself may be fine.</summary>
public abstract class DeviceException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="message">What failed, and what to do.</param>
    protected DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>Whether the device is lost to this engine: every later call on it fails, and only a new engine may reach it again.</summary>
    public abstract bool IsLost { get; }

    /// <summary>Whether the device, or the engine's share of it, had no memory left for what was asked; less at a time may fit.</summary>
    public virtual bool IsOutOfMemory => false;
}
