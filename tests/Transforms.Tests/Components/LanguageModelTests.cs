using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Transforms.Tests;

public sealed class LanguageModelTests
{
    private static readonly string?[] Texts = ["win a free prize", "see you at home tonight, thanks", "", null, "a", "the meeting is tomorrow"];

    private readonly MLContext ml = new(seed: 1);

    public sealed class Scored
    {
        public float LogLikelihood { get; set; }
        public float Perplexity { get; set; }
    }

    public sealed class Continued
    {
        public string? Continuation { get; set; }
    }

    [Fact]
    public void LogLikelihoodIsTheSumOverTheTokensAfterTheFirst()
    {
        using LanguageModelTransformer transformer = Create();
        IDataView output = transformer.Transform(ml.OfTexts(Texts));

        List<float> sums = output.Column<float>("LogLikelihood"), perplexities = output.Column<float>("Perplexity");

        for (int i = 0; i < Texts.Length; i++)
        {
            int[] ids = TinyModels.Tokenizer.Encode(Texts[i] ?? "");
            double expected = LogLikelihood(transformer.LanguageModel, ids);
            Assert.Equal(expected, sums[i], 1e-3);
            if (ids.Length < 2)
                Assert.True(float.IsNaN(perplexities[i]));
            else
                Assert.Equal(Math.Exp(-expected / (ids.Length - 1)), perplexities[i], perplexities[i] * 1e-3);
        }
    }

    [Fact]
    public void BatchedAndSinglePredictionsAreEqual()
    {
        using LanguageModelTransformer transformer = Create();
        using var scores = ml.Model.CreatePredictionEngine<TextOnly, Scored>(transformer);
        using var continuations = ml.Model.CreatePredictionEngine<TextOnly, Continued>(transformer);
        IDataView output = transformer.Transform(ml.OfTexts(Texts));

        List<float> sums = output.Column<float>("LogLikelihood");
        List<string> written = output.Strings("Continuation");

        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(sums[i], scores.Predict(new TextOnly { Text = Texts[i] }).LogLikelihood, 1e-3f);
            Assert.Equal(written[i], continuations.Predict(new TextOnly { Text = Texts[i] }).Continuation);
        }
    }

    [Fact]
    public void ALongTextIsScoredWhole()
    {
        var log = new RecordedLog(ml);
        using LanguageModelTransformer transformer = Create();
        string text = string.Concat(Enumerable.Repeat("meeting tomorrow ", 500));

        List<float> sums = transformer.Transform(ml.OfTexts(text, text + text)).Column<float>("LogLikelihood");

        Assert.InRange(sums[1] / sums[0], 1.9, 2.1);
        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void ALongTextIsContinued()
    {
        using LanguageModelTransformer transformer = Create();

        Assert.Single(transformer.Transform(ml.OfTexts(string.Concat(Enumerable.Repeat("meeting tomorrow ", 500)))).Strings("Continuation"));
    }

    private LanguageModelTransformer Create() => new(ml, TinyModels.LanguageModel(), new LanguageModelColumns(), new GenerationOptions { MaximumNewTokens = 5 });

    private static double LogLikelihood(LanguageModel model, int[] ids)
    {
        if (ids.Length < 2)
            return 0;
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        torch.Tensor input = torch.tensor(Array.ConvertAll(ids, id => (long)id), [1, ids.Length]);
        float[] logits = model.Network.Logits(model.Network.call(input)).data<float>().ToArray();
        int vocabulary = logits.Length / ids.Length;
        double sum = 0;
        for (int position = 0; position < ids.Length - 1; position++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(position * vocabulary, vocabulary);
            double total = 0;
            foreach (float logit in row)
                total += Math.Exp(logit);
            sum += row[ids[position + 1]] - Math.Log(total);
        }
        return sum;
    }
}
