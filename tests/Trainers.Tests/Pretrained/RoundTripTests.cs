using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers.Tests.Pretrained;

/// <summary>What users do with a published model, from its directory to a service and back to a directory.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] Computed = [".attn.bias", ".attn.masked_bias", ".position_ids"];

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string> Fixtures => [.. PublicCheckpoint.Decoders, PublicCheckpoint.Bert];

    private sealed class Row
    {
        public bool Label { get; set; }
        public string Text { get; set; } = "";
    }

    public void Dispose() => directory.Dispose();

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Loaded_used_fine_tuned_saved_and_served(string name)
    {
        using var model = ml.LanguageModels.FromPretrained(PublicCheckpoint.Create(name, directory.File("published")), Precision.Float32, "cpu");
        var rows = Rows(name);
        var data = ml.Data.LoadFromEnumerable(rows);

        var vectors = ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, Normalize = true }).Fit(data).Transform(data);
        Assert.All(
            ml.Data.CreateEnumerable<Vectors>(vectors, reuseRowObject: false),
            row => Assert.Equal(1, row.Features.Sum(value => value * value), 1e-4));
        if (model.Network.IsCausal)
        {
            var written = ml.Transforms.Text.GenerateText(model, "Text", new GenerationOptions { MaximumNewTokens = 5, StopAtEndOfText = false }).Fit(data).Transform(data);
            Assert.All(ml.Data.CreateEnumerable<Written>(written, reuseRowObject: false), row => Assert.Equal(5, row.GeneratedTokens));
        }

        using var classifier = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            LanguageModel = model,
            Training = Corpus.Training with { Epochs = 1, LearningRate = 1e-3 },
        }).Fit(data);
        ml.Model.Save(classifier, data.Schema, directory.File("classifier.zip"));

        var expected = ml.Data.CreateEnumerable<Scored>(classifier.Transform(data), reuseRowObject: false).Select(row => row.Score).ToArray();
        var served = FreshProcess.Scores(directory.File("classifier.zip"), [.. rows.Select(row => row.Text)]);
        Assert.Equal(expected.Length, served.Count);
        Assert.All(expected.Zip(served), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.True(expected.Distinct().Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Written_back_it_has_the_tensors_and_keys_that_were_read(string name)
    {
        var published = PublicCheckpoint.Create(name, directory.File("published"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(published, "config.json")))!.AsObject();
        config["a_key_of_another_program"] = new JsonObject { ["nested"] = true };
        File.WriteAllText(Path.Combine(published, "config.json"), config.ToJsonString());
        var back = directory.File("back");

        using (var model = ml.LanguageModels.FromPretrained(published, Precision.Float32, "cpu"))
        {
            model.Save(back);
        }

        var keys = JsonNode.Parse(File.ReadAllText(Path.Combine(back, "config.json")))!.AsObject();
        foreach (var (key, value) in config.Where(pair => pair.Value is not null))
        {
            Assert.True(JsonNode.DeepEquals(value, keys[key]), $"{key}: read {value}, wrote {keys[key]}");
        }

        var (read, written) = (Tensors(published), Tensors(back));
        Assert.Equal(read.Keys.Order(), written.Keys.Order());
        Assert.All(read, pair => Assert.Equal(pair.Value, written[pair.Key]));
        using var first = ml.LanguageModels.FromPretrained(published, Precision.Float32, "cpu");
        using var second = ml.LanguageModels.FromPretrained(back, Precision.Float32, "cpu");
        foreach (var text in new[] { "hello there", "é 🙂", "w17 w23" })
        {
            Assert.Equal(first.Tokenizer.EncodeFramed(text).Ids, second.Tokenizer.EncodeFramed(text).Ids);
        }
    }

    /// <summary>Names, shapes and bytes of all tensors but those that every program computes: causal masks (GPT-2) and the numbers of positions (BERT).</summary>
    private static Dictionary<string, string> Tensors(string checkpoint)
    {
        var bytes = File.ReadAllBytes(Path.Combine(checkpoint, "model.safetensors"));
        var length = (int)BitConverter.ToInt64(bytes, 0);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        return header.Where(pair => pair.Key != "__metadata__" && !Computed.Any(ending => pair.Key.EndsWith(ending, StringComparison.Ordinal)))
            .ToDictionary(pair => Unprefixed(pair.Key), pair =>
            {
                var offsets = pair.Value!["data_offsets"]!.AsArray().Select(offset => offset!.GetValue<int>()).ToArray();
                return $"{pair.Value["dtype"]} {pair.Value["shape"]!.ToJsonString()} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(8 + length)[offsets[0]..offsets[1]]))}";
            });
    }

    // Both spellings are public; we write the usual one.
    private static string Unprefixed(string name) => name.StartsWith("transformer.", StringComparison.Ordinal) ? name["transformer.".Length..] : name;

    private static Row[] Rows(string name)
    {
        var random = new Random(3);
        return Enumerable.Range(0, 40).Select(index =>
        {
            var isSpam = index % 2 == 0;
            string[] words = name == PublicCheckpoint.Bert
                ? [PublicCheckpoint.BertWord(isSpam ? random.Next(10, 100) : random.Next(200, 300)), PublicCheckpoint.BertWord(random.Next(100, 200))]
                : [isSpam ? "win" : "see", $"{(char)('a' + random.Next(26))}", isSpam ? "prize" : "home"];
            return new Row { Label = isSpam, Text = string.Join(' ', words) };
        }).ToArray();
    }

    private sealed class Vectors
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Written
    {
        public int GeneratedTokens { get; set; }
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
