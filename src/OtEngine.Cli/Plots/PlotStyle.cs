namespace OtEngine.Cli.Plots;

/// <summary>The look all plots share: dark ink on white, few colours, told apart by people who do not see all of them.</summary>
internal static class PlotStyle
{
    /// <summary>Fonts of the reader's own system.</summary>
    public const string FontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif";

    /// <summary>Titles and values.</summary>
    public const string Ink = "#1f2933";

    /// <summary>Subtitles, tick labels and notes.</summary>
    public const string Muted = "#616e7c";

    /// <summary>Axes and frames.</summary>
    public const string Frame = "#9aa5b1";

    /// <summary>Grid lines.</summary>
    public const string Grid = "#e4e7eb";

    /// <summary>Where there is no value.</summary>
    public const string Missing = "#cbd2d9";

    /// <summary>The source measure, and the first series of a chart.</summary>
    public const string Source = "#1f5fa8";

    /// <summary>The target measure, and the second series of a chart.</summary>
    public const string Target = "#d1600a";

    /// <summary>The lines of a plan between the two.</summary>
    public const string Plan = "#52606d";

    /// <summary>An answer that is right.</summary>
    public const string Right = "#1a7f64";

    /// <summary>An answer that is wrong.</summary>
    public const string Wrong = "#c81e3c";

    /// <summary>Point size of a title.</summary>
    public const double TitleSize = 17;

    /// <summary>Point size of axis names and legends.</summary>
    public const double LabelSize = 12.5;

    /// <summary>Point size of tick labels and notes.</summary>
    public const double SmallSize = 11.5;

    /// <summary>The colours of a chart's series, in order; they repeat after the last.</summary>
    public static ReadOnlySpan<string> Series => new[] { Source, Target, Right, "#8e3b8a", "#8a6a00", Plan };

    /// <summary>About how wide a text is: system fonts average a little over half their size a letter.</summary>
    public static double WidthOf(string text, double size) => 0.56 * size * text.Length;
}
