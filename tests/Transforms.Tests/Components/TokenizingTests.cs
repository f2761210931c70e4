using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class TokenizingTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void LearnsFromTheColumnAndItsIdsDecodeToTheTexts()
    {
        string[] texts = ["the cat sat on the mat", "the cat ate", "", "naïve 🙂\0"];
        IDataView data = ml.OfTexts(texts);

        TokenizingTransformer transformer = ml.Transforms.Text.TokenizeIntoIds(vocabularySize: 280).Fit(data);
        List<int[]> ids = transformer.Transform(data).Vectors<int>("Tokens");

        Assert.True(transformer.Tokenizer.VocabularySize <= 280);
        Assert.Equal(texts, ids.Select(row => transformer.Tokenizer.Decode(row)));
        Assert.True(ids[0].Length < texts[0].Length);
    }

    [Fact]
    public void UsesAGivenTokenizer()
    {
        IDataView data = ml.OfTexts("call now", null);

        List<int[]> ids = ml.Transforms.Text.TokenizeIntoIds("Ids", "Text", TinyModels.Tokenizer).Fit(data).Transform(data).Vectors<int>("Ids");

        Assert.Equal([TinyModels.Tokenizer.Encode("call now"), []], ids);
    }

    [Fact]
    public void LoadsATokenizerFromItsFiles()
    {
        using var directory = new TemporaryDirectory();
        TinyModels.Tokenizer.Save(directory.File("tokenizer"));
        IDataView data = ml.OfTexts("call now");

        TokenizingTransformer transformer = ml.Transforms.Text.TokenizeIntoIds(new TokenizingOptions { TokenizerPath = directory.File("tokenizer") }).Fit(data);

        Assert.Equal([TinyModels.Tokenizer.Encode("call now")], transformer.Transform(data).Vectors<int>("Tokens"));
    }

    [Fact]
    public void CutsToTheMaximumAndSaysSo()
    {
        var log = new RecordedLog(ml);
        IDataView data = ml.OfTexts("call now", "win a free prize now");

        IDataView output = ml.Transforms.Text.TokenizeIntoIds(new TokenizingOptions { Tokenizer = TinyModels.Tokenizer, MaximumTokens = 3 }).Fit(data).Transform(data);

        Assert.All(output.Vectors<int>("Tokens"), ids => Assert.True(ids.Length <= 3));
        Assert.Contains("were longer than 3 tokens and were cut", Assert.Single(log.Warnings));
    }

    [Fact]
    public void TheSchemaSaysWhatComesOut()
    {
        TokenizingEstimator estimator = ml.Transforms.Text.TokenizeIntoIds();
        IDataView data = ml.OfTexts("a");

        var type = Assert.IsType<VectorDataViewType>(estimator.Fit(data).GetOutputSchema(data.Schema)["Tokens"].Type);

        Assert.False(type.IsKnownSize);
        Assert.Equal(NumberDataViewType.Int32, type.ItemType);
    }

    [Fact]
    public void FailsEarlyWithoutItsColumn()
    {
        IDataView data = ml.OfTexts("a");

        Assert.StartsWith("Could not find input column 'Body'",
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.TokenizeIntoIds("Tokens", "Body").Fit(data)).Message);
        Assert.StartsWith("Could not find input column 'Body'",
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.CopyColumns("Copy", "Text").Append(ml.Transforms.Text.TokenizeIntoIds("Tokens", "Body")).Fit(data)).Message);
    }

    [Fact]
    public void RefusesSettingsThatMakeNoSense()
    {
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.TokenizeIntoIds(vocabularySize: 100));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.TokenizeIntoIds(""));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.TokenizeIntoIds(new TokenizingOptions { Tokenizer = TinyModels.Tokenizer, TokenizerPath = "x" }));
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.TokenizeIntoIds(new TokenizingOptions { MaximumTokens = 0 }));
    }
}
