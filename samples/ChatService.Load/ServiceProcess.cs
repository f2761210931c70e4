using System.Diagnostics;
using System.Globalization;

namespace ChatService.Load;

/// <summary>The service as a process of its own, on a port of its own.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const string Ready = "Ready: ";
    private const int BytesPerKilobyte = 1024;

    private readonly Process process;
    private readonly Task rest;

    private ServiceProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        // What it says from now on is read so that it never waits for a reader.
        rest = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public Uri Address { get; }

    /// <summary>Memory that the process has in use, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The service ended by itself under load, with exit code {process.ExitCode}.");
            }

            if (!OperatingSystem.IsLinux())
            {
                process.Refresh();
                return process.WorkingSet64;
            }

            var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return BytesPerKilobyte * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    /// <exception cref="InvalidOperationException">The service did not start; it has said why.</exception>
    public static async Task<ServiceProcess> StartAsync(IReadOnlyList<string> arguments, LoadSettings settings, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "ChatService.dll"), "--urls", "http://127.0.0.1:0", "--name", ChatLoad.Model, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LanguageModel__SlotCount"] = settings.Chats.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                if (line.StartsWith(Ready, StringComparison.Ordinal))
                {
                    return new ServiceProcess(process, new Uri(line[Ready.Length..]));
                }
            }

            throw new InvalidOperationException("The service ended without getting ready.");
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        await rest;
        process.Dispose();
    }
}
