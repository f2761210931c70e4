using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>A training in a process of its own, which says on standard output what it is doing, so that it can be killed at that moment.</summary>
internal static class KilledRun
{
    /// <summary>Starts the training; kills it (SIGKILL) at the given line of output. Returns its lines.</summary>
    public static async Task<IReadOnlyList<string>> StartAsync(string directory, string? killAt)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KilledRun).Assembly.Location, directory, killAt ?? ""]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            lines.Add(line);
            if (line == killAt)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0 == killAt is null, $"exit code {process.ExitCode}\n{string.Join('\n', lines)}\n{await errors}");
        return lines;
    }

    /// <param name="arguments">The directory of the run, and the line of output after which to wait for the end.</param>
    public static void Run(string[] arguments)
    {
        var lastLine = arguments[1];
        var context = new MLContext(seed: 1);
        var directory = arguments[0];
        var files = 0;
        var options = new PretrainingOptions
        {
            Network = Corpus.Network with { LayerCount = 1, Dropout = 0.1 },
            BytePairs = Corpus.BytePairs,
            SubwordDropout = 0.1,
            ValidationFraction = 0.2,
            Training = Corpus.Training with
            {
                Epochs = 3,
                BatchSize = 8,
                MaximumTokensPerForward = 100,
                WeightAverageDecay = 0.9,
                EvaluateEverySteps = 5,
                Seed = null,
                Progress = new Lines(Say),
                Checkpoints = new CheckpointOptions { Directory = directory, EverySteps = 3, OpenStore = path => new WatchedStore(path, () => Say($"writing {++files}")) },
            },
        };

        using var model = context.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(context, 150));

        model.LanguageModel.Save(Path.Combine(directory, "final"));

        void Say(string line)
        {
            Console.WriteLine(line);
            if (line == lastLine)
            {
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }

    private sealed class Lines(Action<string> say) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            say(string.Create(CultureInfo.InvariantCulture, $"{(value.ValidationLoss is null ? "step" : "validation")} {value.Step}"));
    }

    /// <summary>Speaks between a file's last byte and its being there.</summary>
    private sealed class WatchedStore(string directory, Action written) : ICheckpointStore
    {
        private readonly DirectoryCheckpointStore store = new(directory);

        public void Write(string name, Action<Stream> write) => store.Write(name, stream =>
        {
            write(stream);
            stream.Flush();
            written();
        });

        public bool TryRead(string name, Action<Stream> read) => store.TryRead(name, read);

        public string Describe(string name) => store.Describe(name);
    }
}
