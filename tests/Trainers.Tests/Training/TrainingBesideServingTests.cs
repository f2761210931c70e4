using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>One process that trains a model while it serves others, all of them in 16 bits.</summary>
public sealed class TrainingBesideServingTests
{
    private const int ClientCount = 4;
    private static readonly MLContext Ml = new(seed: 1);
    private static readonly TrainingOptions Narrow = Corpus.Training with { Epochs = 1, Precision = Precision.BFloat16 };

    [Fact]
    public async Task Training_gives_the_same_weights_and_requests_the_same_answers()
    {
        float[] expectedWeights = Train();
        using var filter = Ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            Network = Corpus.Network,
            BytePairs = Corpus.BytePairs,
            Training = Narrow,
        }).Fit(Corpus.View(Ml));
        using var chatting = Pretrain().Fit(Corpus.View(Ml));
        await using var scheduler = new GenerationScheduler(chatting.LanguageModel, new GenerationSchedulerOptions { SlotCount = ClientCount });
        var messages = Corpus.Messages(20);
        float[] expected = Probabilities(filter, messages);
        using var end = new CancellationTokenSource();
        Task[] clients =
        [
            .. Enumerable.Range(0, ClientCount).Select(_ => Task.Run(() => JudgeUntil(end.Token, filter, messages, expected))),
            .. Enumerable.Range(0, ClientCount).Select(_ => Task.Run(() => ChatUntil(end.Token, scheduler))),
        ];

        float[][] trained = [Train(), Train()];
        await end.CancelAsync();

        await Task.WhenAll(clients);
        Assert.All(trained, weights => Assert.Equal(expectedWeights, weights));
    }

    private static PretrainingEstimator Pretrain() => Ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        Training = Narrow,
    });

    private static float[] Train()
    {
        using var trained = Pretrain().Fit(Corpus.View(Ml));
        return [.. trained.LanguageModel.Network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
    }

    private static float[] Probabilities(ITransformer filter, IReadOnlyList<Corpus.Message> messages)
    {
        using var engine = Engine(filter);
        return [.. messages.Select(message => engine.Predict(message).Probability)];
    }

    private static PredictionEngine<Corpus.Message, Corpus.Verdict> Engine(ITransformer filter) =>
        Ml.Model.CreatePredictionEngine<Corpus.Message, Corpus.Verdict>(filter, new PredictionEngineOptions { OwnsTransformer = false });

    private static void JudgeUntil(CancellationToken end, ITransformer filter, IReadOnlyList<Corpus.Message> messages, float[] expected)
    {
        using var engine = Engine(filter);
        for (var served = 0; served < messages.Count || !end.IsCancellationRequested; served++)
        {
            var index = served % messages.Count;
            // Neighbours in a batch may change the last bits of 16.
            Assert.Equal(expected[index], engine.Predict(messages[index]).Probability, tolerance: 0.02);
        }
    }

    private static async Task ChatUntil(CancellationToken end, GenerationScheduler scheduler)
    {
        for (var served = 0; served < 3 || !end.IsCancellationRequested; served++)
        {
            GeneratedChunk? last = null;
            await foreach (var chunk in scheduler.GenerateAsync("Hi Ann", new GenerationOptions { MaximumNewTokens = 8, StopAtEndOfText = false }))
            {
                last = chunk;
            }

            Assert.Equal((FinishReason.Length, 8), (last!.FinishReason, last.NewTokens));
        }
    }
}
