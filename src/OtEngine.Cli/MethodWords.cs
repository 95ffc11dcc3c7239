using System.CommandLine;

namespace OtEngine.Cli;

/// <summary>The methods of <c>--method</c>.</summary>
internal static class MethodWords
{
    /// <summary>The option of a command; the first method is the default.</summary>
    /// <param name="methods">The methods this build has for the command.</param>
    public static Option<string> Option(params string[] methods)
    {
        string all = string.Join('|', methods);
        return OptionKinds.Word("--method", "How to solve.", all, methods[0], text =>
            methods.Contains(text) ? (text, null) : (text, $"this build has the {(methods.Length == 1 ? "method" : "methods")} {string.Join(", ", methods)} here"));
    }
}
