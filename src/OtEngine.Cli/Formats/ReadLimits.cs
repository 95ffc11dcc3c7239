namespace OtEngine.Cli.Formats;

/// <summary>The most a file may ask for. Checked before memory is allocated, whatever the file claims.</summary>
internal sealed record ReadLimits
{
    /// <summary>The limits of the command line.</summary>
    public static ReadLimits Default { get; } = new();

    /// <summary>The most numbers in one array; 2^30 by default, which is 8 GiB of doubles.</summary>
    public long MaxElements { get; init; } = 1L << 30;

    /// <summary>The most pixels in one image; 2^27 by default, which is 384 MiB of RGB.</summary>
    public long MaxPixels { get; init; } = 1L << 27;
}
