using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>
/// Fine-tuning a classifier of short messages for a number of epochs, as many of each class, from random weights. The peer
/// pads every message to the longest, as tutorials do; ours batches messages of similar length.
/// </summary>
internal sealed class ClassificationWorkload : ITrainingWorkload
{
    private const int BatchSize = 32;
    private const int Epochs = 3;
    private const int TrainingRows = 960;
    private const int TestRows = 480;

    private static readonly GptConfig Network = new() { VocabularySize = 1024, ContextLength = 512, LayerCount = 3, HeadCount = 4, Width = 128, Dropout = 0.1 };

    public string Name => "spam fine-tuning, 3 layers x 128";

    public string Unit => "messages/s";

    public string Script => "classification.py";

    public string DataFile => "messages.json";

    public IEnumerable<(string Name, object Value)> PeerOptions(Precision precision) => [.. NetworkOptions.Of(Network, BatchSize), ("epochs", Epochs)];

    public void Prepare(string directory)
    {
        var (training, test) = Rows();
        var tokenizer = BytePairLearner.Learn(training.Select(row => row.Text), new BytePairOptions { VocabularySize = Network.VocabularySize });
        tokenizer.Save(directory);
        File.WriteAllText(Path.Combine(directory, DataFile), JsonSerializer.Serialize(new { Training = training.Select(Encode), Test = test.Select(Encode) }));

        object Encode(SyntheticText.TextRow row) => new { Ids = tokenizer.Encode(row.Text), Label = row.Label ? 1 : 0 };
    }

    public (double Rate, double? Accuracy) Run(string directory, Precision precision, bool recomputes)
    {
        var ml = new MLContext(seed: 1);
        var (training, test) = Rows();
        using var start = LanguageModel.Create(Network, TextTokenizer.Load(directory), precision, TorchSharp.torch.CPU, seed: 1);
        var clock = Stopwatch.StartNew();
        using var model = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            LanguageModel = start,
            FrameTexts = false,
            ValidationFraction = 0,
            Training = new TrainingOptions { Epochs = Epochs, BatchSize = BatchSize, Precision = precision, RecomputesActivations = recomputes, Device = BenchmarkDevice.Name },
        }).Fit(ml.Data.LoadFromEnumerable(training));
        var rate = Epochs * training.Count / clock.Elapsed.TotalSeconds;
        var metrics = ml.BinaryClassification.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(test)));
        return (rate, metrics.Accuracy);
    }

    private static (List<SyntheticText.TextRow> Training, List<SyntheticText.TextRow> Test) Rows()
    {
        var byClass = Messages().GroupBy(row => row.Label).Select(group => group.Take((TrainingRows + TestRows) / 2).ToList()).ToList();
        return (Interleave(rows => rows.Take(TrainingRows / 2)), Interleave(rows => rows.Skip(TrainingRows / 2)));

        List<SyntheticText.TextRow> Interleave(Func<List<SyntheticText.TextRow>, IEnumerable<SyntheticText.TextRow>> part) =>
            part(byClass[0]).Zip(part(byClass[1]), (first, second) => new[] { first, second }).SelectMany(pair => pair).ToList();
    }

    private static IEnumerable<SyntheticText.TextRow> Messages() => SharedData.Find("SMSSpamCollection") is { } path
        ? File.ReadLines(path).Select(line => line.Split('\t', 2)).Select(parts => new SyntheticText.TextRow { Label = parts[0] == "spam", Text = parts[1] })
        : SyntheticText.Rows(4 * (TrainingRows + TestRows));
}
