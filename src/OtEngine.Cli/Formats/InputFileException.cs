using System.Globalization;
using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Something is wrong with a file the user named: it is missing, a directory, not permitted, damaged, or holds what the command
/// cannot take. The message is one line: the file, the place in it, the value, and what would be right.
/// </summary>
internal sealed class InputFileException : Exception
{
    private const int LongestQuote = 40;
    private const int BytesOfLongestQuote = 4 * (LongestQuote + 1);

    /// <summary>Says what is wrong with a file.</summary>
    /// <param name="path">The file as the user named it, with <c>:name</c> for an array of an archive.</param>
    /// <param name="detail">What is wrong and what would be right; control characters in it are escaped.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public InputFileException(string path, string detail, Exception? inner = null)
        : base(OneLine($"{path}: {detail}"), inner) => Path = path;

    /// <summary>The file as the user named it.</summary>
    public string Path { get; }

    /// <summary>A value from a file in single quotes, cut to 40 characters, for use in a message.</summary>
    public static string Quote(string value) =>
        value.Length <= LongestQuote ? $"'{value}'" : $"'{value.AsSpan(0, LongestQuote)}...'";

    /// <summary>Bytes of a text file in single quotes, cut to 40 characters, for use in a message.</summary>
    public static string Quote(ReadOnlySpan<byte> utf8) =>
        Quote(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, BytesOfLongestQuote)]));

    private static string OneLine(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (char c in message)
        {
            bool breaksLine = char.IsControl(c) || c is '\u2028' or '\u2029';
            line = breaksLine ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : line.Append(c);
        }

        return line.ToString();
    }
}
