using System.Diagnostics;

namespace MLNetLlm.Models.Tests.Hub;

/// <summary>A process that downloads a model and writes the directory. It is this test assembly, started by itself.</summary>
internal static class HubProcess
{
    public static Process Start(HubOptions options, string name)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(HubProcess).Assembly.Location, Program.Download, name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HF_ENDPOINT"] = options.Endpoint.AbsoluteUri;
        start.Environment["HF_HUB_CACHE"] = options.CacheDirectory;
        start.Environment["HF_HUB_OFFLINE"] = "0";
        return Process.Start(start)!;
    }

    public static async Task<string> DownloadAsync(HubOptions options, string name)
    {
        using var process = Start(options, name);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"The process failed: {await errors}");
    }
}
