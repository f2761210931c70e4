using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class EmbeddingTests : IDisposable
{
    private static readonly string?[] Texts = ["win a free prize", "see you at home tonight, thanks", "", null, "call", "🙂", "the meeting is tomorrow, the meeting is tomorrow"];

    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = TinyModels.LanguageModel();

    public void Dispose() => model.Dispose();

    public sealed class Embedded
    {
        public float[] Features { get; set; } = [];
    }

    [Theory]
    [InlineData(Pooling.Mean, TinyModels.Width)]
    [InlineData(Pooling.LastToken, TinyModels.Width)]
    [InlineData(Pooling.FirstToken, TinyModels.Width)]
    [InlineData(Pooling.LastTokenAndMean, 2 * TinyModels.Width)]
    public void ABatchGivesWhatSingleRowsGive(Pooling pooling, int size)
    {
        IDataView data = ml.OfTexts(Texts);
        EmbeddingTransformer transformer = ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, Pooling = pooling, BatchSize = 3 }).Fit(data);
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Embedded>(transformer);

        List<float[]> batched = transformer.Transform(data).Vectors<float>("Features");

        Assert.Equal(size, ((VectorDataViewType)transformer.GetOutputSchema(data.Schema)["Features"].Type).Size);
        for (int i = 0; i < Texts.Length; i++)
            AssertClose(engine.Predict(new TextOnly { Text = Texts[i] }).Features, batched[i]);
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.FirstToken)]
    [InlineData(Pooling.Pooler)]
    public void AnEncoderGivesTheSameInABatchAloneAndAfterLoading(Pooling pooling)
    {
        using LanguageModel encoder = LanguageModel.Create(
            BertConfig.Tiny with { VocabularySize = model.Config.VocabularySize }, model.Tokenizer, Precision.Float32, TorchSharp.torch.CPU, seed: 1);
        IDataView data = ml.OfTexts(Texts);
        EmbeddingTransformer transformer = ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = encoder, Pooling = pooling, BatchSize = 3 }).Fit(data);
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Embedded>(transformer);

        List<float[]> batched = transformer.Transform(data).Vectors<float>("Features");

        for (int i = 0; i < Texts.Length; i++)
            AssertClose(engine.Predict(new TextOnly { Text = Texts[i] }).Features, batched[i]);
        using var zip = new MemoryStream();
        ml.Model.Save(transformer, data.Schema, zip);
        zip.Position = 0;
        Assert.Equal(batched, ml.Model.Load(zip, out _).Transform(data).Vectors<float>("Features"));
    }

    [Fact]
    public void TextsStandBetweenTheSpecialTokensThatTheirTokenizerPutsAroundThem()
    {
        TextTokenizer tokenizer = BytePairLearner.Learn(["see you at home tonight, thanks"], BytePairOptions.Bert with { VocabularySize = 270 });
        using LanguageModel encoder = LanguageModel.Create(
            BertConfig.Tiny with { VocabularySize = 270, Width = TinyModels.Width, ContextLength = 8 }, tokenizer, Precision.Float32, TorchSharp.torch.CPU, seed: 1);
        IDataView data = ml.OfTexts("see", "", "see you at home tonight");
        List<float[]> vectors = ml.Transforms.Text.EmbedText("Features", "Text", encoder, Pooling.FirstToken).Fit(data).Transform(data).Vectors<float>("Features");

        encoder.Network.eval();
        int[][] rows = [tokenizer.EncodeFramed("see").Ids, tokenizer.EncodeFramed("").Ids, tokenizer.Frame(tokenizer.Encode("see you at home tonight")[..6]).Ids];
        foreach ((int[] ids, float[] vector) in rows.Zip(vectors))
        {
            using var input = TorchSharp.torch.tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0);
            using var hidden = encoder.Network.forward(input);
            AssertClose(hidden.data<float>().Take(TinyModels.Width).ToArray(), vector);
        }
    }

    [Fact]
    public void APoolerIsRefusedWhereTheNetworkHasNone() => Assert.Contains(
        "Pooler", Assert.Throws<ArgumentException>(() => ml.Transforms.Text.EmbedText("Features", "Text", model, Pooling.Pooler)).Message);

    [Fact]
    public void LastAndMeanIsBothOneAfterTheOther()
    {
        float[] last = Embed(Pooling.LastToken)[0], mean = Embed(Pooling.Mean)[0];

        AssertClose([.. last, .. mean], Embed(Pooling.LastTokenAndMean)[0]);
    }

    [Fact]
    public void TheFirstTokenOfACausalModelKnowsNothingOfTheRest()
    {
        IDataView data = ml.OfTexts("call me", "call you later");

        List<float[]> vectors = ml.Transforms.Text.EmbedText("Features", "Text", model, Pooling.FirstToken).Fit(data).Transform(data).Vectors<float>("Features");

        AssertClose(vectors[0], vectors[1]);
    }

    [Fact]
    public void DifferentTextsGetDifferentVectors()
    {
        List<float[]> vectors = Embed(Pooling.Mean);

        Assert.True(vectors[0].Zip(vectors[1], (a, b) => Math.Abs(a - b)).Max() > 1e-3);
        AssertClose(vectors[2], vectors[3]);
    }

    [Fact]
    public void NormalizedVectorsHaveLengthOne()
    {
        IDataView data = ml.OfTexts(Texts);

        List<float[]> vectors = ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, Normalize = true }).Fit(data).Transform(data).Vectors<float>("Features");

        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => value * value), 1e-5));
    }

    [Fact]
    public void AVeryLongTextIsCutAndReported()
    {
        var log = new RecordedLog(ml);
        string text = string.Concat(Enumerable.Repeat("free prize ", 9_100))[..100_000];
        IDataView data = ml.OfTexts(text, "call");

        List<float[]> vectors = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(data).Transform(data).Vectors<float>("Features");

        int dropped = TinyModels.Tokenizer.Encode(text).Length - TinyModels.ContextLength;
        Assert.All(vectors.SelectMany(vector => vector), value => Assert.True(float.IsFinite(value)));
        Assert.Equal($"Column 'Text': 1 of 2 texts were longer than 32 tokens and were cut; {dropped} tokens were dropped.", Assert.Single(log.Warnings));
    }

    [Fact]
    public void LoadsTheModelFromACheckpoint()
    {
        using var directory = new TemporaryDirectory();
        model.Save(directory.File("checkpoint"));
        IDataView data = ml.OfTexts(Texts);

        using EmbeddingTransformer transformer = ml.Transforms.Text.EmbedText("Features", "Text", directory.File("checkpoint")).Fit(data);
        List<float[]> vectors = transformer.Transform(data).Vectors<float>("Features");

        foreach ((float[] expected, float[] actual) in Embed(Pooling.Mean).Zip(vectors))
            AssertClose(expected, actual);
    }

    [Fact]
    public void FeedsAStockTrainerBehindStockTransforms()
    {
        var messages = Enumerable.Range(0, 60).Select(i => new Message { Text = i % 2 == 0 ? "win a free prize now" : "see you at home tonight", Label = i % 2 == 0 }).ToArray();
        IDataView data = ml.Data.LoadFromEnumerable(messages);
        var pipeline = ml.Transforms.CopyColumns("Body", "Text")
            .Append(ml.Transforms.CustomMapping<Body, Cleaned>((input, output) => output.Clean = (input.Value ?? "").ToLowerInvariant(), contractName: null))
            .Append(ml.Transforms.Text.EmbedText("Features", "Clean", model))
            .Append(ml.BinaryClassification.Trainers.AveragedPerceptron());

        ITransformer fitted = pipeline.Fit(data);

        Assert.Equal(1, ml.BinaryClassification.EvaluateNonCalibrated(fitted.Transform(data)).Accuracy);
    }

    [Fact]
    public void TheModelStaysTheCallers()
    {
        IDataView data = ml.OfTexts(Texts);
        EmbeddingTransformer first = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(data);

        first.Dispose();
        first.Dispose();

        Assert.Throws<ObjectDisposedException>(() => first.Transform(data).Vectors<float>("Features"));
        Assert.Equal(Texts.Length, Embed(Pooling.Mean).Count);
    }

    [Fact]
    public void RefusesSettingsThatMakeNoSense()
    {
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.EmbedText(new EmbeddingOptions()));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.EmbedText("Features", "Text", "/no/such/directory"));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, MaximumTokens = 33 }));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model, BatchSize = 0 }));
        Assert.StartsWith("Could not find input column 'Body'",
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.EmbedText("Features", "Body", model).Fit(ml.OfTexts("a"))).Message);
    }

    public sealed class Body
    {
        [ColumnName("Body")]
        public string? Value { get; set; }
    }

    public sealed class Cleaned
    {
        public string? Clean { get; set; }
    }

    private List<float[]> Embed(Pooling pooling)
    {
        IDataView data = ml.OfTexts(Texts);
        return ml.Transforms.Text.EmbedText("Features", "Text", model, pooling).Fit(data).Transform(data).Vectors<float>("Features");
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f);
    }
}
