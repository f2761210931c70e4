using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Tests;
using MLNetLlm.Trainers.Tests.Training;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Pretrained;

/// <summary>What does not fit together is refused by name, and nothing of it stays loaded. Alone, because tensors are counted for the whole process.</summary>
[Collection(nameof(MemoryTests))]
public sealed class BadCheckpointTests : IDisposable
{
    private const string Weights = "model.safetensors";

    private static readonly string[] Families = [PublicCheckpoint.Gpt2, PublicCheckpoint.Llama, PublicCheckpoint.Bert];

    private static readonly Dictionary<string, (Action<string> Damage, string[] Named)> Damages = new()
    {
        ["no configuration"] = (directory => File.Delete(Path.Combine(directory, "config.json")), ["config.json"]),
        ["no weights"] = (directory => File.Delete(Path.Combine(directory, Weights)), [Weights]),
        ["pickled weights"] = (directory => File.Move(Path.Combine(directory, Weights), Path.Combine(directory, "pytorch_model.bin")), ["pytorch_model.bin"]),
        ["another family"] = (directory => Configure(directory, config => config["model_type"] = "t5"), ["model_type", "t5"]),
        ["a larger vocabulary than the embedding"] = (directory => Configure(directory, config => config["vocab_size"] = 1000), [Weights, "expected [1000,"]),
        ["a smaller vocabulary than the tokenizer"] = (directory => Configure(directory, config => config["vocab_size"] = 200), ["'vocab_size' is 200", "the tokenizer has"]),
        ["weights that are no numbers"] = (directory => WriteFloat(directory, float.NaN), [Weights, "NaN"]),
        ["infinite weights"] = (directory => WriteFloat(directory, float.PositiveInfinity), [Weights, "finite"]),
        ["weights that are cut off"] = (directory => Resize(Path.Combine(directory, Weights), 0.5), [Weights]),
        ["a header that is cut off"] = (directory => Resize(Path.Combine(directory, Weights), 0.001), [Weights]),
        ["no tokenizer"] = (DeleteTokenizers, ["tokenizer"]),
        ["a tokenizer that is no JSON"] = (directory => { DeleteTokenizers(directory); File.WriteAllText(Path.Combine(directory, "tokenizer.json"), "{"); }, ["tokenizer.json"]),
        ["two tokenizers"] = (AddTokenizer, ["contradict", "tokenizer.json"]),
    };

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    public static IEnumerable<object[]> Cases => Families.SelectMany(family => Damages.Keys.Select(damage => new object[] { family, damage }));

    public void Dispose() => directory.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_refused_by_name_and_leaves_no_tensor(string family, string damage)
    {
        var checkpoint = PublicCheckpoint.Create(family, directory.File("checkpoint"));
        var whole = LiveTensors.LeftBy(() => ml.LanguageModels.FromPretrained(checkpoint, Precision.Float32, "cpu"));
        var (apply, named) = Damages[damage];
        apply(checkpoint);
        var before = LiveTensors.Count();

        var error = Assert.ThrowsAny<Exception>(() => ml.LanguageModels.FromPretrained(checkpoint, Precision.Float32, "cpu"));

        Assert.True(error is IOException or InvalidDataException or NotSupportedException, error.ToString());
        Assert.All(named, name => Assert.Contains(name, error.Message));
        Assert.InRange(LiveTensors.Count(), 0, before + whole);
    }

    [Fact]
    public void A_classifier_whose_head_does_not_fit_leaves_no_tensor()
    {
        var checkpoint = PublicCheckpoint.Create(PublicCheckpoint.Gpt2, directory.File("checkpoint"));
        using (var classifier = TextClassificationModel.Create(
            ml.LanguageModels.FromPretrained(checkpoint, Precision.Float32, "cpu"), ["a", "b"], Pooling.LastToken, 16, dropout: 0, seed: 1))
        {
            classifier.Save(directory.File("classifier"));
        }

        var whole = LiveTensors.LeftBy(() => TextClassificationModel.Load(directory.File("classifier"), device: "cpu"));
        Configure(directory.File("classifier"), config => config["id2label"] = new JsonObject { ["0"] = "a", ["1"] = "b", ["2"] = "c" });
        var before = LiveTensors.Count();

        Assert.Contains("score.weight", Assert.Throws<InvalidDataException>(() => TextClassificationModel.Load(directory.File("classifier"), device: "cpu")).Message);
        Assert.Contains("score.weight", Assert.Throws<InvalidDataException>(() => ml.LanguageModels.FromPretrained(directory.File("classifier"), device: "cpu")).Message);
        Assert.InRange(LiveTensors.Count(), 0, before + (2 * whole));
    }

    [Fact]
    public void Token_ids_out_of_range_are_refused_by_everything_that_takes_ids()
    {
        using var model = ml.LanguageModels.FromPretrained(PublicCheckpoint.Create(PublicCheckpoint.Gpt2, directory.File("checkpoint")), Precision.Float32, "cpu");
        using var classifier = TextClassificationModel.Create(model.Clone(), ["a", "b"], Pooling.LastToken, 16, dropout: 0, seed: 1);
        var before = LiveTensors.Count();

        foreach (var id in new[] { -1, model.Config.VocabularySize, int.MaxValue })
        {
            int[] row = [1, id];
            Assert.Contains($"{id}", Assert.Throws<ArgumentException>(() => new TextGenerator(model).Generate(row)).Message);
            Assert.Contains($"{id}", Assert.Throws<ArgumentException>(() => new TextScorer(model).Score([row])).Message);
            Assert.Contains($"{id}", Assert.Throws<ArgumentException>(() => classifier.Score([row])).Message);
        }

        Assert.InRange(LiveTensors.Count(), 0, before);
    }

    [Fact]
    public void An_empty_prompt_needs_a_token_to_begin_from()
    {
        var checkpoint = PublicCheckpoint.Create(PublicCheckpoint.Gpt2, directory.File("checkpoint"));
        using (var model = ml.LanguageModels.FromPretrained(checkpoint, Precision.Float32, "cpu"))
        {
            Assert.Equal(3, new TextGenerator(model).Generate("", new GenerationOptions { MaximumNewTokens = 3, StopAtEndOfText = false }).TokenIds.Count);
        }

        var vocabulary = Path.Combine(checkpoint, "vocab.json");
        File.WriteAllText(vocabulary, File.ReadAllText(vocabulary).Replace("endoftext", "nothing", StringComparison.Ordinal));
        using var without = ml.LanguageModels.FromPretrained(checkpoint, Precision.Float32, "cpu");

        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => new TextGenerator(without).Generate("")).Message);
        Assert.Contains("64", Assert.Throws<ArgumentException>(() => new TextGenerator(without).Generate(new string('x', 500))).Message);
    }

    private static void Configure(string checkpoint, Action<JsonObject> change)
    {
        var path = Path.Combine(checkpoint, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    // What other tests left to the garbage collector is not to be counted.
    private static void WriteFloat(string checkpoint, float value)
    {
        var path = Path.Combine(checkpoint, Weights);
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var weight = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject().First(pair => pair.Value!["dtype"]?.ToString() == "F32").Value!;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8 + length + weight["data_offsets"]![0]!.GetValue<int>()), value);
        File.WriteAllBytes(path, bytes);
    }

    private static void Resize(string path, double share)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength((long)(stream.Length * share));
    }

    private static void DeleteTokenizers(string checkpoint)
    {
        foreach (var path in Directory.GetFiles(checkpoint).Where(path => Path.GetFileName(path) is not ("config.json" or Weights)))
        {
            File.Delete(path);
        }
    }

    private static void AddTokenizer(string checkpoint)
    {
        using var tokenizer = File.Create(Path.Combine(checkpoint, "tokenizer.json"));
        BytePairLearner.Learn(["another model's tokenizer"], new BytePairOptions { VocabularySize = 257 }).Write(tokenizer);
        if (!File.Exists(Path.Combine(checkpoint, "vocab.txt")))
        {
            File.WriteAllLines(Path.Combine(checkpoint, "vocab.txt"), ["[UNK]", "zebra", "lion"]);
        }
    }
}
