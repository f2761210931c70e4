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
        var start = new ProcessStartInfo("dotnet", [typeof(KilledRun).Assembly.Location, directory]) { RedirectStandardOutput = true, RedirectStandardError = true };
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

    /// <param name="arguments">The directory of the run.</param>
    public static void Main(string[] arguments)
    {
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
                Progress = new Lines(),
                Checkpoints = new CheckpointOptions { Directory = directory, EverySteps = 3, OpenStore = path => new SlowStore(path, () => ++files) },
            },
        };

        using var model = context.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(context, 150));

        model.LanguageModel.Save(Path.Combine(directory, "final"));
    }

    private sealed class Lines : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{(value.ValidationLoss is null ? "step" : "validation")} {value.Step}"));
    }

    /// <summary>Leaves time to die in between a file's last byte and its being there.</summary>
    private sealed class SlowStore(string directory, Func<int> countFile) : ICheckpointStore
    {
        private readonly DirectoryCheckpointStore store = new(directory);

        public void Write(string name, Action<Stream> write) => store.Write(name, stream =>
        {
            write(stream);
            stream.Flush();
            Console.WriteLine($"writing {countFile()}");
            Thread.Sleep(30);
        });

        public bool TryRead(string name, Action<Stream> read) => store.TryRead(name, read);

        public string Describe(string name) => store.Describe(name);
    }
}
