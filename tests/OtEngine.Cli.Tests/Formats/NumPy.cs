using System.ComponentModel;
using System.Diagnostics;

namespace OtEngine.Cli.Tests.Formats;

/// <summary>Runs Python with NumPy, where the machine has it, to read what this project wrote.</summary>
internal static class NumPy
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<string> Missing = new(() =>
    {
        (int code, string output) = Start("import numpy; print(numpy.__version__)");
        return code == 0 ? "" : $"{Python} with NumPy is not here: {output}";
    });

    /// <summary>Runs a script and gives its lines; the test is left out, with the reason printed, where there is no NumPy.</summary>
    public static string[] Run(string script)
    {
        if (Missing.Value.Length > 0)
        {
            TestContext.Out.WriteLine(Missing.Value);
            Assert.Ignore(Missing.Value);
        }

        (int code, string output) = Start(script);
        Assert.That(code, Is.Zero, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int Code, string Output) Start(string script)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(Python, ["-W", "error", "-c", script])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
