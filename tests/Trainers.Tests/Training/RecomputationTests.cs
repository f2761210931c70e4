using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

public sealed class RecomputationTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    private static TrainingOptions Training { get; } = Corpus.Training with { Epochs = 1, MaximumTokensPerForward = 200 };

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_language_model_becomes_the_same_bit_for_bit() =>
        Assert.Equal(Pretrained(Training), Pretrained(Training with { RecomputesActivations = true }));

    [Fact]
    public void A_classifier_with_the_language_models_loss_beside_its_own_becomes_the_same_bit_for_bit() =>
        Assert.Equal(Classified(Training), Classified(Training with { RecomputesActivations = true }));

    [Fact]
    public void A_run_may_go_on_with_it_and_ends_with_the_same_weights()
    {
        var kept = Training with { Checkpoints = new() { Directory = directory.Path, EverySteps = 2 } };
        Pretrained(kept with { StopWhen = progress => progress.Step == 3 });

        Assert.Equal(Pretrained(Training), Pretrained(kept with { RecomputesActivations = true }));
    }

    [Fact]
    public void The_plan_of_a_run_needs_less_memory()
    {
        var kept = TrainingPlan.For(GptConfig.Gpt2Small, 1_000_000, Training);
        var recomputed = TrainingPlan.For(GptConfig.Gpt2Small, 1_000_000, Training with { RecomputesActivations = true });

        Assert.InRange(recomputed.ActivationBytes, 1, kept.ActivationBytes / 3);
    }

    private byte[] Pretrained(TrainingOptions training)
    {
        using var model = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = Corpus.Network with { Dropout = 0.1 }, BytePairs = Corpus.BytePairs, Training = training,
        }).Fit(Corpus.View(ml));
        return Bytes(model.LanguageModel.Network);
    }

    private byte[] Classified(TrainingOptions training)
    {
        using var model = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            Network = Corpus.Network with { Dropout = 0.1 }, BytePairs = Corpus.BytePairs, LanguageModelLossWeight = 0.3, Training = training,
        }).Fit(Corpus.View(ml));
        return Bytes(model.Model.Network);
    }

    private static byte[] Bytes(torch.nn.Module network) =>
        network.named_parameters().OrderBy(pair => pair.name, StringComparer.Ordinal).SelectMany(pair => pair.parameter.detach().contiguous().bytes.ToArray()).ToArray();
}
