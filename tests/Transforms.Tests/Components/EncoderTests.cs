using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Transforms.Tests;

/// <summary>BERT in pipelines: texts stand between [CLS] and [SEP], and padding is not looked at. Alone, because tensors are counted for the whole process.</summary>
[Collection(nameof(MemoryTests))]
public sealed class EncoderTests : IDisposable
{
    private static readonly int[][] Words = [[109, 68, 43, 75, 283, 39, 136], [247, 175], [296]];
    private static readonly string[] Texts = Array.ConvertAll(Words, row => string.Join(' ', row.Select(PublicCheckpoint.BertWord)));

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();
    private readonly string checkpoint;

    public EncoderTests() => checkpoint = PublicCheckpoint.Create(PublicCheckpoint.Bert, directory.File("checkpoint"));

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(Pooling.FirstToken)]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.Pooler)]
    public void EmbeddingsAreThoseOfTheFramedTextAlone(Pooling pooling)
    {
        IDataView data = ml.OfTexts(Texts);
        using EmbeddingTransformer transformer = Embed(new EmbeddingOptions { Checkpoint = checkpoint, Pooling = pooling, Device = "cpu", Precision = Precision.Float32 }, data);

        List<float[]> vectors = transformer.Transform(data).Vectors<float>("Features");

        for (int row = 0; row < Texts.Length; row++)
        {
            float[] expected = Pooled(transformer.LanguageModel.Network, [2, .. Words[row], 3], pooling);
            Assert.All(expected.Zip(vectors[row]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void ALongTextKeepsItsFrame()
    {
        var log = new RecordedLog(ml);
        int[] words = Enumerable.Range(100, 60).ToArray();
        IDataView data = ml.OfTexts(string.Join(' ', words.Select(PublicCheckpoint.BertWord)));
        using EmbeddingTransformer transformer = Embed(new EmbeddingOptions { Checkpoint = checkpoint, Device = "cpu", Precision = Precision.Float32, MaximumTokens = 12 }, data);

        float[] vector = transformer.Transform(data).Vectors<float>("Features")[0];

        float[] expected = Pooled(transformer.LanguageModel.Network, [2, .. words[..10], 3], Pooling.Mean);
        Assert.All(expected.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal("Column 'Text': 1 of 1 texts were longer than 10 tokens and were cut; 50 tokens were dropped.", Assert.Single(log.Warnings));
    }

    [Fact]
    public void AnEmptyTextIsItsFrame()
    {
        IDataView data = ml.OfTexts("", null, "w7 w8");
        using EmbeddingTransformer transformer = Embed(new EmbeddingOptions { Checkpoint = checkpoint, Device = "cpu", Precision = Precision.Float32 }, data);

        List<float[]> vectors = transformer.Transform(data).Vectors<float>("Features");

        float[] expected = Pooled(transformer.LanguageModel.Network, [2, 3], Pooling.Mean);
        Assert.All(vectors[..2], vector => Assert.All(expected.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-5f)));
    }

    [Fact]
    public void RoomForTheFrameAloneIsRefused()
    {
        using var model = LanguageModel.Load(checkpoint, device: "cpu");

        Assert.Contains("between 3 and", Assert.ThrowsAny<ArgumentException>(
            () => ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, MaximumTokens = 2 })).Message);
    }

    [Fact]
    public void ItIsRefusedWhereOneThatWritesIsWanted()
    {
        using var model = LanguageModel.Load(checkpoint, device: "cpu");
        IDataView data = ml.OfTexts("w7");
        long whole = LiveTensors.LeftBy(() => LanguageModel.Load(checkpoint, device: "cpu"));
        long before = LiveTensors.Count();

        Assert.Contains("causal", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.GenerateText(model)).Message);
        Assert.Contains("causal", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.ScoreText(model)).Message);
        Assert.Contains("causal", Assert.Throws<ArgumentException>(
            () => ml.Transforms.Text.GenerateText(new TextGenerationOptions { Checkpoint = checkpoint, InputColumnName = "Text" }).Fit(data)).Message);
        Assert.Contains("causal", Assert.Throws<ArgumentException>(
            () => ml.Transforms.Text.ScoreText(new ScoringOptions { Checkpoint = checkpoint }).Fit(data)).Message);
        Assert.InRange(LiveTensors.Count(), 0, before + (2 * whole));
    }

    private EmbeddingTransformer Embed(EmbeddingOptions options, IDataView data) => ml.Transforms.Text.EmbedText(options).Fit(data);

    private static float[] Pooled(TransformerModel network, int[] ids, Pooling pooling)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor input = tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0);
        Tensor hidden = network.forward(input);
        Tensor pooled = pooling switch
        {
            Pooling.Mean => hidden.mean([1L]),
            Pooling.FirstToken => hidden.select(1, 0),
            _ => network.Pool(hidden, tensor(new long[] { ids.Length }), pooling),
        };
        return pooled.reshape(-1).data<float>().ToArray();
    }
}
