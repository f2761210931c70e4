using System.Text;
using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Evaluation;

public sealed class EvaluateTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = LanguageModel.Create(
        Corpus.Network with { InitializerRange = 0.3 },
        BytePairLearner.Learn(Corpus.Messages(40).Select(message => message.Text), Corpus.BytePairs),
        Precision.Float32, torch.CPU, seed: 3);

    public void Dispose() => model.Dispose();

    private IDataView View(params string?[] texts) => ml.Data.LoadFromEnumerable(texts.Select(text => new Corpus.Message { Text = text }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Gives_the_losses_of_the_reference(int sequence)
    {
        using var fixture = FixtureModel.Load("gpt2-tiny", sequence, firstEndsTexts: false);

        var metrics = ml.LanguageModels.Evaluate(View(fixture.Text), fixture.Model);

        Assert.Equal(fixture.Loss, metrics.Loss, 1e-5);
        Assert.Equal(Math.Exp(fixture.Loss), metrics.Perplexity, 1e-2);
        Assert.Equal(fixture.TokenCount - 1, metrics.Tokens);
        Assert.Equal(3 * fixture.TokenCount, metrics.Bytes);
    }

    [Fact]
    public void With_a_token_that_ends_texts_the_first_token_is_predicted_too()
    {
        using var fixture = FixtureModel.Load("gpt2-tiny", sequence: 1, firstEndsTexts: true);

        var metrics = ml.LanguageModels.Evaluate(View(fixture.Text), fixture.Model);

        Assert.Equal(fixture.Loss, metrics.Loss, 1e-5);
        Assert.Equal(fixture.Text.Length, metrics.Tokens);
        Assert.Equal(fixture.Loss / Math.Log(2) / 3, metrics.BitsPerByte, 1e-5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(31)]
    public void A_text_longer_than_the_context_is_read_in_overlapping_windows(int? stride)
    {
        var text = string.Join(". ", Corpus.Messages(12).Select(message => message.Text));

        var metrics = ml.LanguageModels.Evaluate(View(text), model, stride: stride);

        var ids = model.Tokenizer.Encode(text).Prepend(model.Tokenizer.EndOfTextId!.Value).ToArray();
        Assert.True(ids.Length > 3 * Corpus.Network.ContextLength);
        Assert.Equal(WindowByWindow(ids, stride ?? 16), metrics.Loss, 1e-4);
        Assert.Equal(ids.Length - 1, metrics.Tokens);
        Assert.Equal(metrics.Loss * metrics.Tokens / Math.Log(2) / Encoding.UTF8.GetByteCount(text), metrics.BitsPerByte, 1e-9);
    }

    [Fact]
    public void Rows_are_counted_and_batches_do_not_change_the_result()
    {
        var texts = Corpus.Messages(100).Select(message => message.Text).Append("").Append(null).ToArray();

        var together = ml.LanguageModels.Evaluate(View(texts), model);
        var oneByOne = ml.LanguageModels.Evaluate(View(texts), model, new EvaluationOptions { BatchSize = 1 });

        Assert.Equal((102, 2), (together.Rows, together.EmptyRows));
        Assert.Equal(texts.Sum(text => Encoding.UTF8.GetByteCount(text ?? "")), together.Bytes);
        Assert.Equal(oneByOne.Loss, together.Loss, 1e-5);
        Assert.Equal(oneByOne.Tokens, together.Tokens);
    }

    [Fact]
    public void A_model_in_the_middle_of_training_is_evaluated_without_dropout_and_goes_on_training()
    {
        using var dropping = LanguageModel.Create(
            Corpus.Network with { Dropout = 0.5 }, model.Tokenizer, Precision.Float32, torch.CPU, seed: 3);
        dropping.Network.train();

        Assert.Equal(ml.LanguageModels.Evaluate(View("see you"), dropping), ml.LanguageModels.Evaluate(View("see you"), dropping));
        Assert.True(dropping.Network.training);
    }

    [Fact]
    public void Bad_input_is_refused_by_name()
    {
        Assert.Contains("'Words'", Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Evaluate(View("a"), model, "Words")).Message);
        Assert.Contains("'Label'", Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Evaluate(View("a"), model, "Label")).Message);
        Assert.Contains("'Text'", Assert.Throws<InvalidOperationException>(() => ml.LanguageModels.Evaluate(View("", null), model)).Message);
        Assert.Contains("31", Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Evaluate(View("a"), model, stride: 32)).Message);
        Assert.Contains("Stride", Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Evaluate(View("a"), model, stride: 0)).Message);
    }

    [Fact]
    public void Can_be_cancelled()
    {
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => ml.LanguageModels.Evaluate(View("a"), model, new EvaluationOptions { CancellationToken = canceled.Token }));
    }

    // One window at a time, from the scores of all tokens, in Float64.
    private double WindowByWindow(int[] ids, int stride)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        model.Network.eval();
        var (sum, predicted) = (0.0, 1);
        for (var start = 0; predicted < ids.Length; start += stride)
        {
            var window = ids.Skip(start).Take(Corpus.Network.ContextLength).Select(id => (long)id).ToArray();
            var hidden = model.Network.call(torch.tensor(window).unsqueeze(0));
            var logarithms = model.Network.Logits(hidden).to(torch.float64).log_softmax(-1);
            for (; predicted < start + window.Length; predicted++)
            {
                sum -= logarithms[0, predicted - start - 1, ids[predicted]].ToDouble();
            }
        }

        return sum / (ids.Length - 1);
    }
}
