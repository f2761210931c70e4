using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class ScoringTests : IDisposable
{
    private static readonly string?[] Texts = ["win a free prize", "see you at home tonight, thanks", "", null, string.Concat(Enumerable.Repeat("meeting tomorrow ", 40))];

    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = TinyModels.LanguageModel();

    public void Dispose() => model.Dispose();

    public sealed class Scored
    {
        public float LogLikelihood { get; set; }
        public float Perplexity { get; set; }
        public int PredictedTokens { get; set; }
    }

    [Fact]
    public void GivesWhatTheScorerGivesForBatchesAndForSingleRows()
    {
        IDataView data = ml.OfTexts(Texts);
        using ScoringTransformer transformer = ml.Transforms.Text.ScoreText(model).Fit(data);
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Scored>(transformer);
        IReadOnlyList<TextLikelihood> expected = new TextScorer(model).Score(Array.ConvertAll(Texts, text => TinyModels.Tokenizer.Encode(text ?? "")));

        List<Scored> rows = ml.Data.CreateEnumerable<Scored>(transformer.Transform(data), reuseRowObject: false).ToList();

        for (int i = 0; i < Texts.Length; i++)
        {
            Scored single = engine.Predict(new TextOnly { Text = Texts[i] });
            foreach (Scored row in new[] { rows[i], single })
            {
                Assert.Equal(expected[i].LogLikelihood, row.LogLikelihood, 1e-2);
                Assert.Equal(expected[i].PredictedTokens, row.PredictedTokens);
                Assert.Equal(expected[i].PredictedTokens == 0, float.IsNaN(row.Perplexity));
            }
        }
    }

    [Fact]
    public void ComesBackFromAModelZip()
    {
        using var directory = new TemporaryDirectory();
        IDataView data = ml.OfTexts(Texts);
        using ScoringTransformer transformer = ml.Transforms.Text.ScoreText(new ScoringOptions { LanguageModel = model, PerplexityColumnName = "Surprise", Stride = 4 }).Fit(data);
        ml.Model.Save(transformer, data.Schema, directory.File("model.zip"));

        ITransformer loaded = new MLContext().Model.Load(directory.File("model.zip"), out _);

        Assert.Equal(transformer.Transform(data).Column<float>("Surprise"), loaded.Transform(data).Column<float>("Surprise"));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void RefusesSettingsThatMakeNoSense()
    {
        Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.ScoreText(new ScoringOptions()));
        Assert.Contains("31", Assert.ThrowsAny<ArgumentException>(() => ml.Transforms.Text.ScoreText(new ScoringOptions { LanguageModel = model, Stride = 32 })).Message);
        Assert.StartsWith("Could not find input column 'Body'",
            Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.ScoreText(model, "Body").Fit(ml.OfTexts("a"))).Message);
    }
}
