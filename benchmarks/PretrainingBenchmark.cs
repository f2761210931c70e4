using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>Tokens per second of pretraining through the estimator, against the same network in plain eager PyTorch.</summary>
internal static class PretrainingBenchmark
{
    private const int Steps = 12;
    private const int WarmUpSteps = 3;
    private const int BatchSize = 16;
    private static readonly GptConfig Network = new() { VocabularySize = 512, ContextLength = 128, LayerCount = 4, HeadCount = 4, Width = 256, Dropout = 0.1 };

    public static IEnumerable<Measurement> Run(int rounds)
    {
        var peerIsThere = PyTorchPeer.IsAvailable;
        if (!peerIsThere)
        {
            Console.WriteLine("No PyTorch to compare with: on Debian, apt-get install python3-torch; elsewhere, set PYTHON.");
        }

        foreach (var precision in new[] { Precision.Float32, Precision.BFloat16 })
        {
            var (ours, peers) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                ours.Add(Ours(precision));
                if (peerIsThere)
                {
                    peers.Add(Peer(precision));
                }
            }

            var name = $"pretraining, 4 layers x 256, vocabulary 512, {precision}";
            yield return peerIsThere ? Measurement.Paired(name, "tokens/s", ours, peers) : Measurement.Alone(name, "tokens/s", ours);
        }
    }

    private static double Ours(Precision precision)
    {
        var ml = new MLContext(seed: 1);
        var timing = new StepTiming(WarmUpSteps, Steps);
        using var model = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = Network,
            BytePairs = new BytePairOptions { VocabularySize = 512 },
            ValidationFraction = 0,
            Training = new TrainingOptions { Epochs = 100, BatchSize = BatchSize, Precision = precision, Device = "cpu", Progress = timing, StopWhen = timing.IsDone },
        }).Fit(ml.Data.LoadFromEnumerable(SyntheticText.Rows(4_000)));
        return timing.TokensPerSecond(BatchSize * Network.ContextLength);
    }

    private static double Peer(Precision precision) => PyTorchPeer.TokensPerSecond(
        "pretraining.py",
        ("vocabulary", 512), ("context", Network.ContextLength), ("layers", Network.LayerCount), ("heads", Network.HeadCount),
        ("width", Network.Width), ("batch", BatchSize), ("steps", Steps), ("threads", Environment.ProcessorCount),
        ("precision", precision.ToString().ToLowerInvariant()));
}
