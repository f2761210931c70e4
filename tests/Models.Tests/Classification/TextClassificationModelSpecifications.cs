using System.Text.Json.Nodes;
using MLNetLlm.Models.Tests.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Classification;

public class TextClassificationModelSpecifications
{
    private static readonly string[] Labels = ["ham", "spam", "other"];

    public static TheoryData<Pooling> Poolings() => [.. Enum.GetValues<Pooling>().Where(pooling => pooling != Pooling.Pooler)];

    [Theory]
    [MemberData(nameof(Poolings))]
    public void RowsScoreTogetherAsEachAlone(Pooling pooling)
    {
        using var model = Create(pooling);
        var rows = TestNetworks.RandomRows(3, 5, 0, 20, 1, 5, 13, 2);
        var together = model.Score(rows);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = Assert.Single(model.Score([rows[row]]));
            Assert.Equal(3, alone.Length);
            Assert.All(alone.Zip(together[row]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        Assert.Empty(model.Score([]));
    }

    [Fact]
    public void PoolingTakesWhatItsNameSays()
    {
        using var scope = NewDisposeScope();
        var hidden = arange(2 * 3 * 2, ScalarType.Float32).view(2, 3, 2);
        var lengths = tensor(new long[] { 2, 3 });
        Assert.Equal([2f, 3, 10, 11], TestNetworks.Values(HiddenStates.Pool(hidden, lengths, Pooling.LastToken)));
        Assert.Equal([1f, 2, 8, 9], TestNetworks.Values(HiddenStates.Pool(hidden, lengths, Pooling.Mean)), (left, right) => Math.Abs(left - right) < 1e-5);
        Assert.Equal([0f, 1, 6, 7], TestNetworks.Values(HiddenStates.Pool(hidden, lengths, Pooling.FirstToken)));
        Assert.Equal([2, 4], HiddenStates.Pool(hidden, lengths, Pooling.LastTokenAndMean).shape);
        Assert.Equal(4, HiddenStates.PooledWidth(2, Pooling.LastTokenAndMean));
        Assert.Throws<ArgumentOutOfRangeException>(() => HiddenStates.Pool(hidden, lengths, (Pooling)9));
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void SavingAndLoadingChangesNoScore(Pooling pooling)
    {
        using var directory = new TemporaryDirectory();
        using var model = Create(pooling);
        model.Save(directory.Path);
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.Equal(Labels, loaded.Labels);
        Assert.Equal(pooling, loaded.Pooling);
        Assert.Equal(24, loaded.MaximumTokens);
        var rows = TestNetworks.RandomRows(3, 5, 8);
        Assert.Equal(model.Score(rows), loaded.Score(rows));
        var store = new MemoryStore();
        model.Write(store);
        using var fromStore = TextClassificationModel.Read(store, Precision.Float32, CPU);
        Assert.Equal(model.Score(rows), fromStore.Score(rows));
    }

    [Fact]
    public void TheFilesHaveThePublicLayout()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create(Pooling.LastToken);
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!;
        Assert.Equal("GPT2ForSequenceClassification", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal("spam", config["id2label"]!["1"]!.GetValue<string>());
        Assert.Equal(1, config["label2id"]!["spam"]!.GetValue<int>());
        using var reader = SafetensorsReader.Open(directory.File("model.safetensors"));
        Assert.Equal([3L, 32], reader.Entries.Single(entry => entry.Name == "score.weight").Shape);
        Assert.Contains(reader.Entries, entry => entry.Name == "transformer.wte.weight");
    }

    [Fact]
    public void ACheckpointWithoutOurOwnKeysIsALastTokenClassifier()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create(Pooling.LastToken);
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!.AsObject();
        foreach (var key in new[] { "pooling", "maximum_tokens", "classifier_dropout" })
        {
            config.Remove(key);
        }

        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.Equal(Pooling.LastToken, loaded.Pooling);
        Assert.Equal(32, loaded.MaximumTokens);
    }

    [Theory]
    [InlineData("id2label", "{\"0\":\"ham\",\"2\":\"spam\"}", "id2label")]
    [InlineData("id2label", "{\"0\":\"ham\"}", "2 labels")]
    [InlineData("pooling", "\"max\"", "pooling")]
    [InlineData("maximum_tokens", "33", "MaximumTokens")]
    [InlineData("classifier_dropout", "1.5", "classifier_dropout")]
    public void ADamagedConfigurationIsRefused(string key, string value, string named)
    {
        using var directory = new TemporaryDirectory();
        using var model = Create(Pooling.LastToken);
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        var message = Assert.Throws<InvalidDataException>(() => TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains(directory.File("config.json"), message);
        Assert.Contains(named, message);
    }

    [Fact]
    public void ALanguageModelsCheckpointIsNoClassifier()
    {
        using var directory = new TemporaryDirectory();
        using var model = TestNetworks.CreateLanguageModel();
        model.Save(directory.Path);
        Assert.Contains("num_labels", Assert.Throws<InvalidDataException>(() => TextClassificationModel.Load(directory.Path)).Message);
    }

    [Fact]
    public void RowsThatCannotBeScoredAreRefused()
    {
        using var model = Create(Pooling.LastToken);
        Assert.Contains("Row 1 has 25 tokens", Assert.Throws<ArgumentException>(() => model.Score([[1], new int[25]])).Message);
        Assert.Contains("320", Assert.Throws<ArgumentException>(() => model.Score([[320]])).Message);
    }

    [Fact]
    public void SettingsThatMakeNoClassifierAreRefused()
    {
        using var backbone = TestNetworks.CreateLanguageModel();
        Assert.Throws<ArgumentException>(() => TextClassificationModel.Create(backbone, ["a"], Pooling.Mean, 8, 0, 1));
        Assert.Throws<ArgumentException>(() => TextClassificationModel.Create(backbone, ["a", "a"], Pooling.Mean, 8, 0, 1));
        Assert.Throws<ArgumentException>(() => TextClassificationModel.Create(backbone, Labels, Pooling.Mean, 0, 0, 1));
        Assert.Throws<ArgumentException>(() => TextClassificationModel.Create(backbone, Labels, Pooling.Mean, 33, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TextClassificationModel.Create(backbone, Labels, Pooling.Mean, 8, double.NaN, 1));
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void ItLearnsToTellTextsApart(Precision precision)
    {
        using var model = Create(Pooling.LastToken, precision);
        int[][] rows = [[1, 2, 3], [4, 5, 6, 7], [8, 9]];
        TestNetworks.LearnClasses(model, rows, learningRate: 0.01, steps: 30);
        var scores = model.Score(rows);
        Assert.Equal([0, 1, 2], scores.Select(row => Array.IndexOf(row, row.Max())));
    }

    [Fact]
    public void ACloneScoresTheSameWithWeightsOfItsOwn()
    {
        using var model = Create(Pooling.Mean);
        var rows = TestNetworks.RandomRows(3, 5, 8);
        var expected = model.Score(rows);
        using (var clone = model.Clone())
        {
            Assert.Equal(expected, clone.Score(rows));
        }

        Assert.Equal(expected, model.Score(rows));
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void ManyThreadsScoreAtOnce(Precision precision)
    {
        using var model = Create(Pooling.LastToken, precision);
        var rows = TestNetworks.RandomRows(3, 5, 8, 2);
        var expected = model.Score(rows);
        model.Backbone.Network.WeightsChanged();
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(expected, model.Score(rows)));
    }

    private static TextClassificationModel Create(Pooling pooling, Precision precision = Precision.Float32)
    {
        var model = TextClassificationModel.Create(TestNetworks.CreateLanguageModel(precision), Labels, pooling, 24, 0, 7);
        model.Network.eval();
        return model;
    }
}
