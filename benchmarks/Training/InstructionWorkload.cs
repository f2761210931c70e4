using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>
/// An epoch of instruction tuning, loss on the responses only. The peer pads each batch to its longest example and scores
/// every position; ours batches examples of similar length and scores the positions that count.
/// </summary>
internal sealed class InstructionWorkload : ITrainingWorkload
{
    private const int BatchSize = 8;
    private const int Examples = 320;

    private static readonly GptConfig Network =
        new() { VocabularySize = PairVocabulary.Size, ContextLength = 512, LayerCount = 4, HeadCount = 4, Width = 256, Dropout = 0.1 };

    public string Name => "instruction tuning, 4 layers x 256, vocabulary 50,257";

    public string Unit => "examples/s";

    public string Script => "instructions.py";

    public string DataFile => "examples.json";

    public IEnumerable<(string Name, object Value)> PeerOptions(Precision precision) => [.. NetworkOptions.Of(Network, BatchSize), ("epochs", 1)];

    public void Prepare(string directory)
    {
        var tokenizer = SharedData.Find("r50k_base.tiktoken") is { } file ? TextTokenizer.Load(file) : PairVocabulary.Create(directory);
        var encoder = new ChatEncoder(tokenizer, ChatTemplate.Alpaca);
        File.WriteAllText(Path.Combine(directory, DataFile), JsonSerializer.Serialize(Rows().Select(row =>
        {
            var chat = encoder.Encode(ChatTemplate.Alpaca.InstructionTurns(row.Instruction, row.Input, row.Output));
            return new { chat.Ids, PromptLength = Array.IndexOf(chat.IsResponse, true) };
        })));
        using var start = LanguageModel.Create(Network, tokenizer, Precision.Float32, TorchSharp.torch.CPU, seed: 1);
        start.Save(Path.Combine(directory, "model"));
    }

    public (double Rate, double? Accuracy) Run(string directory, Precision precision, bool recomputes)
    {
        var ml = new MLContext(seed: 1);
        var rows = Rows();
        var clock = Stopwatch.StartNew();
        using var model = ml.LanguageModels.Trainers.InstructionTuning(new InstructionTuningOptions
        {
            Checkpoint = Path.Combine(directory, "model"),
            InputColumnName = nameof(Row.Input),
            ValidationFraction = 0,
            Training = new TrainingOptions { Epochs = 1, BatchSize = BatchSize, Precision = precision, RecomputesActivations = recomputes, Device = BenchmarkDevice.Name },
        }).Fit(ml.Data.LoadFromEnumerable(rows));
        return (rows.Count / clock.Elapsed.TotalSeconds, null);
    }

    private static List<Row> Rows()
    {
        var rows = SharedData.Find("instruction-data.json") is { } path
            ? JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(path), JsonSerializerOptions.Web)!
            : SyntheticText.Rows(Examples).Select(row => new Row { Instruction = "Repeat.", Input = row.Text, Output = row.Text }).ToList();
        return rows.Take(Examples).ToList();
    }

    private sealed class Row
    {
        public string Instruction { get; init; } = "";

        public string Input { get; init; } = "";

        public string Output { get; init; } = "";
    }
}
