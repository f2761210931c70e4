using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChatService;

/// <summary>Models for a service that was given none: those that the samples have trained here, or train now.</summary>
internal static class DefaultModels
{
    public static Task<string> SpamFilterAsync() => FindOrTrainAsync("SpamFilter", Path.Combine("out", "spam-filter", "spam.zip"));

    public static Task<string> ChatModelAsync() => FindOrTrainAsync("InstructionTuning", Path.Combine("out", "instructions", "instruct.zip"));

    /// <exception cref="InvalidOperationException">The training failed.</exception>
    /// <exception cref="OperationCanceledException">The service was told to stop while it was going on.</exception>
    private static async Task<string> FindOrTrainAsync(string sample, string file)
    {
        if (File.Exists(file))
        {
            return file;
        }

        Console.WriteLine($"There is no {file} yet: the sample {sample} trains it now, which takes a minute or two.");
        var program = Path.Combine(AppContext.BaseDirectory, $"{sample}.dll");
        using var training = Process.Start("dotnet", [program, "--output", Path.GetDirectoryName(file)!]);
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

        return training.ExitCode == 0 && File.Exists(file)
            ? file
            : throw new InvalidOperationException($"The sample {sample} ended with exit code {training.ExitCode} and left no {file}.");

        // Without it the training would outlive the service.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
