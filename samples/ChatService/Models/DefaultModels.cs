using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChatService;

/// <summary>Models for a service that was given none: those that the samples have trained here, or train now.</summary>
internal static class DefaultModels
{
    private static readonly string[] SpamFilters = [Path.Combine("out", "spam-filter", "spam.zip"), Path.Combine("out", "spam", "spam.zip")];
    private static readonly string[] ChatModels = [Path.Combine("out", "instructions", "instruct.zip")];

    public static Task<string> SpamFilterAsync() => FindOrTrainAsync("SpamFilter", SpamFilters);

    public static Task<string> ChatModelAsync() => FindOrTrainAsync("InstructionTuning", ChatModels);

    /// <exception cref="InvalidOperationException">The training failed.</exception>
    /// <exception cref="OperationCanceledException">The service was told to stop while it was going on.</exception>
    private static async Task<string> FindOrTrainAsync(string sample, string[] places)
    {
        if (Array.Find(places, File.Exists) is { } found)
        {
            return found;
        }

        var output = Path.GetDirectoryName(places[0])!;
        Console.WriteLine($"There is no {places[0]} yet: the sample {sample} trains it now, which takes a minute or two.");
        var program = Path.Combine(AppContext.BaseDirectory, $"{sample}.dll");
        using var training = Process.Start("dotnet", [program, "--output", output]);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await training.WaitForExitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            training.Kill(entireProcessTree: true);
            throw;
        }

        return training.ExitCode == 0 && File.Exists(places[0])
            ? places[0]
            : throw new InvalidOperationException($"The sample {sample} ended with exit code {training.ExitCode} and left no {places[0]}.");

        // Without it the training would outlive the service.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
