namespace OtEngine.Cli.Formats;

/// <summary>
/// The pixels one pass over an image brings: the whole image, or one of the seven grids of Adam7 interlacing.
/// Source: ISO/IEC 15948 (PNG), clause 8.2.
/// </summary>
internal readonly record struct PngPass(int Left, int Top, int StepX, int StepY, int Width, int Height)
{
    /// <summary>The passes of an image that have pixels.</summary>
    public static PngPass[] Of(PngHeader header)
    {
        if (!header.IsInterlaced)
            return [new PngPass(0, 0, 1, 1, header.Width, header.Height)];

        PngPass[] all =
        [
            Create(0, 0, 8, 8), Create(4, 0, 8, 8), Create(0, 4, 4, 8), Create(2, 0, 4, 4),
            Create(0, 2, 2, 4), Create(1, 0, 2, 2), Create(0, 1, 1, 2),
        ];
        return Array.FindAll(all, pass => pass is { Width: > 0, Height: > 0 });

        PngPass Create(int left, int top, int stepX, int stepY) => new(
            left,
            top,
            stepX,
            stepY,
            (int)(((long)header.Width - left + stepX - 1) / stepX),
            (int)(((long)header.Height - top + stepY - 1) / stepY));
    }
}
