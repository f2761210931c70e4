using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers.Tests.Instructions;

/// <summary>Instruction tunings that are interrupted in the middle of an epoch and taken up by the same call.</summary>
public sealed class InstructionResumeTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = Tasks.BaseModel();

    public void Dispose()
    {
        model.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_model_is_the_same_as_without_the_interruption(bool packs, bool adapts)
    {
        var options = Options with { PacksExamples = packs, Lora = adapts ? new LoraOptions { Rank = 2, Dropout = 0.1 } : null };
        using var cancellation = new CancellationTokenSource();
        using var whole = Fit(options with { Training = options.Training with { Checkpoints = new() } });
        var interrupted = options with
        {
            Training = options.Training with
            {
                CancellationToken = cancellation.Token,
                StopWhen = progress =>
                {
                    if (progress.Step == 6)
                    {
                        cancellation.Cancel();
                    }

                    return false;
                },
            },
        };
        Assert.Throws<TrainingCanceledException>(() => Fit(interrupted));

        using var resumed = Fit(options);

        Assert.Equal(Weights(whole), Weights(resumed));
    }

    [Fact]
    public void Another_template_other_rows_and_another_tokenizer_are_refused_by_name()
    {
        Fit(Options).Dispose();
        using var other = LanguageModel.Create(
            Tasks.Network, BytePairLearner.Learn(Tasks.Rows.Select(row => row.Output!), new BytePairOptions { VocabularySize = 300 }), Precision.Float32, TorchSharp.torch.CPU, 1);

        var template = Assert.Throws<ResumeRefusedException>(() => Fit(Options with { Template = ChatTemplate.Phi3 }));
        var rows = Assert.Throws<ResumeRefusedException>(() => ml.LanguageModels.Trainers.InstructionTuning(Options).Fit(Tasks.View(ml, Tasks.Rows[..4])));
        var tokenizer = Assert.Throws<ResumeRefusedException>(() => Fit(Options with { LanguageModel = other }));

        Assert.Contains("Template.Name: ChatML in the run on disk, Phi-3 now", template.Message);
        Assert.Contains("training data: 6 rows", rows.Message);
        Assert.Contains("tokenizer: ", tokenizer.Message);
    }

    private InstructionTuningOptions Options => InstructionTuningTests.Options(model) with
    {
        Template = ChatTemplate.ChatML,
        Dropout = 0.1,
        Training = Tasks.Training with { Epochs = 4, BatchSize = 2, Checkpoints = new CheckpointOptions { Directory = directory.Path, EverySteps = 4 } },
    };

    private InstructionTransformer Fit(InstructionTuningOptions options) => ml.LanguageModels.Trainers.InstructionTuning(options).Fit(Tasks.View(ml));

    private static Dictionary<string, float[]> Weights(InstructionTransformer transformer) => transformer.LanguageModel.Network.named_parameters()
        .ToDictionary(pair => pair.Item1, pair => pair.Item2.detach().data<float>().ToArray());
}
