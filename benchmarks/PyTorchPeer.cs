using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MLNetLlm.Benchmarks;

/// <summary>Runs a peer script in the Python whose PyTorch uses the system's libtorch.</summary>
internal static class PyTorchPeer
{
    private static readonly string Python = Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3";

    public static bool IsAvailable
    {
        get
        {
            if (!File.Exists(Python))
            {
                return false;
            }

            var (exitCode, _, _) = Execute(PeerEnvironment.Default, "-c", "import torch");
            return exitCode == 0;
        }
    }

    /// <summary>Runs a script of the folder <c>pytorch</c> and returns the tokens per second that it prints.</summary>
    public static double TokensPerSecond(string script, params (string Name, object Value)[] options) =>
        Run<JsonElement>(script, PeerEnvironment.Default, options).GetProperty("tokensPerSecond").GetDouble();

    /// <summary>Runs a script of the folder <c>pytorch</c> and returns the JSON object that it prints.</summary>
    public static T Run<T>(string script, PeerEnvironment environment, params (string Name, object Value)[] options)
    {
        var arguments = options.SelectMany(option => new[] { "--" + option.Name, Convert.ToString(option.Value, CultureInfo.InvariantCulture)! });
        var (exitCode, output, errors) = Execute(environment, [Path.Combine(AppContext.BaseDirectory, "pytorch", script), .. arguments]);
        return exitCode == 0
            ? JsonSerializer.Deserialize<T>(output)!
            : throw new InvalidOperationException($"{script} ended with exit code {exitCode}: {errors}");
    }

    private static (int ExitCode, string Output, string Errors) Execute(PeerEnvironment environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment.Settings)
        {
            start.Environment.TryAdd(name, value);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
