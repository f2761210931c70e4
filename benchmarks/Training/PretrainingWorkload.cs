using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>Steps of pretraining on windows of a text, after a warm-up.</summary>
internal sealed record PretrainingWorkload(string Name, GptConfig Network, int BatchSize, int Steps, int WarmUpSteps) : ITrainingWorkload
{
    private const int Texts = 4_000;

    public string Unit => "tokens/s";

    public string Script => "pretraining.py";

    public string DataFile => "tokens.bin";

    public IEnumerable<(string Name, object Value)> PeerOptions(Precision precision) =>
        [.. NetworkOptions.Of(Network, BatchSize), ("steps", StepsIn(precision)), ("warm-up", WarmUpSteps)];

    public void Prepare(string directory)
    {
        var texts = SyntheticText.Rows(Texts).Select(row => row.Text).ToList();
        var tokenizer = Network.VocabularySize == PairVocabulary.Size
            ? PairVocabulary.Create(directory)
            : BytePairLearner.Learn(texts, new BytePairOptions { VocabularySize = Network.VocabularySize });
        tokenizer.Save(directory);
        var ids = texts.SelectMany(tokenizer.Encode).ToArray();
        File.WriteAllBytes(Path.Combine(directory, DataFile), MemoryMarshal.AsBytes<int>(ids));
    }

    public (double Rate, double? Accuracy) Run(string directory, Precision precision, bool recomputes)
    {
        var ml = new MLContext(seed: 1);
        var timing = new StepTiming(WarmUpSteps, StepsIn(precision));
        using var model = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = Network,
            Tokenizer = TextTokenizer.Load(directory),
            ValidationFraction = 0,
            Training = new TrainingOptions { Epochs = 100, BatchSize = BatchSize, Precision = precision, RecomputesActivations = recomputes, Device = BenchmarkDevice.Name, Progress = timing, StopWhen = timing.IsDone },
        }).Fit(ml.Data.LoadFromEnumerable(SyntheticText.Rows(Texts)));
        return (timing.TokensPerSecond(BatchSize * Network.ContextLength), null);
    }

    // Products of 32 bits take three times as long and more; their time varies less.
    private int StepsIn(Precision precision) => precision == Precision.Float32 ? Math.Max(2, Steps / 4) : Steps;
}
