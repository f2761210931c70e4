using System.Text.Json;
using MLNetLlm.Models;

namespace MLNetLlm.Benchmarks;

/// <summary>
/// Speed and memory of whole training programs, ours and eager PyTorch's with autocast: same network, same token ids, same
/// libtorch. Every run is a process of its own; the sides alternate.
/// </summary>
internal static class TrainingBenchmark
{
    /// <summary>The argument by which this program runs as one of the processes.</summary>
    public const string ChildCommand = "train-once";

    private static readonly ITrainingWorkload[] Pretraining =
    [
        new PretrainingWorkload("pretraining, 4 layers x 256, vocabulary 512", SmallNetwork(512), BatchSize: 16, Steps: 16, WarmUpSteps: 3),
        new PretrainingWorkload("pretraining, 4 layers x 256, vocabulary 50,257", SmallNetwork(PairVocabulary.Size), BatchSize: 16, Steps: 6, WarmUpSteps: 2),
        new PretrainingWorkload(
            "pretraining, GPT-2 124M, context 256", GptConfig.Gpt2Small with { ContextLength = 256, VocabularySize = PairVocabulary.Size }, BatchSize: 4, Steps: 4, WarmUpSteps: 1),
    ];

    private static readonly ITrainingWorkload[] FineTuning = [new ClassificationWorkload()];

    private static readonly ITrainingWorkload[] InstructionTuning = [new InstructionWorkload()];

    // Hours on a processor.
    private static readonly ITrainingWorkload[] LongContext =
    [
        new PretrainingWorkload(
            "pretraining, GPT-2 124M, context 1,024", GptConfig.Gpt2Small with { VocabularySize = PairVocabulary.Size }, BatchSize: 8, Steps: 30, WarmUpSteps: 5),
    ];

    /// <summary>What is measured where no part is named.</summary>
    public static IEnumerable<ITrainingWorkload> OnTheProcessor => [.. Pretraining, .. FineTuning, .. InstructionTuning];

    /// <summary>The parts of this benchmark by the names that the command line gives them.</summary>
    public static IReadOnlyDictionary<string, ITrainingWorkload[]> Parts { get; } = new Dictionary<string, ITrainingWorkload[]>
    {
        ["pretraining"] = Pretraining,
        ["fine-tuning"] = FineTuning,
        ["instruction-tuning"] = InstructionTuning,
        ["long-context"] = LongContext,
    };

    public static IEnumerable<Measurement> Run(
        IEnumerable<ITrainingWorkload> workloads, IReadOnlyList<Precision> precisions, int rounds, IReadOnlyList<PeerEnvironment> environments)
    {
        if (!PyTorchPeer.IsAvailable)
        {
            environments = [];
            Console.WriteLine("No PyTorch to compare with: on Debian, apt-get install python3-torch; elsewhere, set PYTHON.");
        }

        foreach (var workload in workloads)
        {
            var directory = Directory.CreateTempSubdirectory("mlnetllm-training-");
            try
            {
                workload.Prepare(directory.FullName);
                foreach (var precision in precisions)
                {
                    foreach (var measurement in Compare(workload, directory.FullName, precision, rounds, environments))
                    {
                        yield return measurement;
                    }
                }
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }
    }

    /// <summary>Trains once and prints the figures.</summary>
    public static int RunChild(string name, string precision, string directory, bool recomputes)
    {
        var workload = Parts.Values.SelectMany(part => part).Single(workload => workload.Name == name);
        // What any program has that uses libtorch, before it has a network; the peer counts from the same point.
        NativeRuntime.Initialize();
        using (TorchSharp.torch.ones(1))
        {
        }

        var before = ProcessMemory.Reset();
        var result = workload.Run(directory, Enum.Parse<Precision>(precision), recomputes);
        var peak = ProcessMemory.Peak();
        Console.WriteLine(JsonSerializer.Serialize(new TrainingFigures(result.Rate, peak, peak - before, result.Accuracy)));
        return 0;
    }

    private static IEnumerable<Measurement> Compare(ITrainingWorkload workload, string directory, Precision precision, int rounds, IReadOnlyList<PeerEnvironment> environments)
    {
        var (ours, recomputing, peers, tuned) = (new List<TrainingFigures>(), new List<TrainingFigures>(), new List<TrainingFigures>(), new List<TrainingFigures>());
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(Ours(recomputes: false));
            recomputing.Add(Ours(recomputes: true));
            foreach (var environment in environments)
            {
                (environment == PeerEnvironment.Tuned ? tuned : peers).Add(Peer(environment));
            }
        }

        var name = $"{workload.Name}, {precision}";
        foreach (var (title, side) in new[] { (name, ours), ($"{name}, recomputing activations", recomputing) })
        {
            yield return Measured(title, workload.Unit, side, figures => figures.Rate);
            yield return Measured($"{title}, peak memory", "MB", side, figures => figures.PeakBytes / 1e6);
            yield return Measured($"{title}, peak memory above the library's", "MB", side, figures => figures.AddedBytes / 1e6);
            if (side[0].Accuracy is not null)
            {
                yield return Measured($"{title}, test accuracy", "%", side, figures => 100 * figures.Accuracy!.Value);
            }
        }

        TrainingFigures Ours(bool recomputes) => ChildProcess.Run<TrainingFigures>(ChildCommand, workload.Name, precision.ToString(), directory, recomputes.ToString());

        TrainingFigures Peer(PeerEnvironment environment) => PyTorchPeer.Run<TrainingFigures>(
            workload.Script, environment, [("data", Path.Combine(directory, workload.DataFile)), ("precision", precision.ToString().ToLowerInvariant()), .. workload.PeerOptions(precision)]);

        Measurement Measured(string title, string unit, List<TrainingFigures> side, Func<TrainingFigures, double> figure) =>
            Measurement.Paired(title, unit, [.. side.Select(figure)], [.. peers.Select(figure)], [.. tuned.Select(figure)]);
    }

    private static GptConfig SmallNetwork(int vocabularySize) =>
        new() { VocabularySize = vocabularySize, ContextLength = 128, LayerCount = 4, HeadCount = 4, Width = 256, Dropout = 0.1 };
}

/// <summary>What one process measured.</summary>
/// <param name="Rate">Work per second, in the workload's unit.</param>
/// <param name="PeakBytes">The most memory that the process had resident.</param>
/// <param name="AddedBytes">How much of that is more than what it had with libtorch loaded and no network yet.</param>
/// <param name="Accuracy">Share of test rows classified correctly, in workloads that classify.</param>
internal sealed record TrainingFigures(double Rate, long PeakBytes, long AddedBytes, double? Accuracy);
