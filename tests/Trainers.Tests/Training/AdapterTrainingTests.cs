using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

public sealed class AdapterTrainingTests : IDisposable
{
    private static readonly LoraOptions Lora = new() { Rank = 8, Alpha = 16, TargetModules = [LoraOptions.AllLinear] };

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    private static TrainingOptions Training { get; } = Corpus.Training with { LearningRate = 1e-2 };

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("bert")]
    public void A_spam_classifier_learns_with_adapters_and_its_head_alone(string family)
    {
        using var pretrained = Pretrained(family);
        var before = Weights(pretrained.Network);
        var adapters = directory.File("adapters");
        var split = ml.Data.TrainTestSplit(Corpus.View(ml), 0.25);
        using var classifier = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            LanguageModel = pretrained, Lora = Lora, AdapterDirectory = adapters, Training = Training,
        }).Fit(split.TrainSet);

        Assert.InRange(ml.BinaryClassification.Evaluate(classifier.Transform(split.TestSet)).Accuracy, 0.95, 1);
        Assert.Equal(before, Weights(pretrained.Network));
        var merged = classifier.Model.Backbone.Network;
        Assert.Null(merged.Adapters);
        LoraCheckpoint.Load(pretrained.Network, adapters);
        pretrained.Network.MergeAdapters();
        Assert.Equal(Weights(merged), Weights(pretrained.Network));
    }

    [Fact]
    public void What_is_kept_on_disk_holds_only_what_learns_and_the_model_beside_it_is_whole()
    {
        using var pretrained = Pretrained("gpt2");
        var kept = new CheckpointOptions { Directory = directory.Path, EverySteps = 5 };
        using var classifier = Classify(pretrained, Training with { Checkpoints = kept, WeightAverageDecay = 0.9 });

        var newest = Directory.GetDirectories(directory.Path, "step-*").Max()!;
        using (var reader = SafetensorsReader.Open(Path.Combine(newest, "weights.safetensors")))
        {
            Assert.Contains(reader.Entries, entry => entry.Name.Contains(".lora.", StringComparison.Ordinal));
            Assert.All(reader.Entries, entry => Assert.True(
                entry.Name.Contains(".lora.", StringComparison.Ordinal) || entry.Name.Contains("score.", StringComparison.Ordinal), entry.Name));
        }

        using var saved = TextClassificationModel.Load(directory.File("model"), Precision.Float32, "cpu");
        var rows = Corpus.Messages(20).Select(message => saved.Frame(saved.Backbone.Tokenizer.Encode(message.Text!))).ToArray();
        Assert.All(
            saved.Score(rows).Zip(classifier.Model.Score(rows)),
            pair => Assert.All(pair.First.Zip(pair.Second), scores => Assert.Equal(scores.First, scores.Second, 1e-4)));
    }

    [Fact]
    public void An_interrupted_run_with_adapters_ends_like_one_that_never_was()
    {
        using var pretrained = Pretrained("gpt2");
        using var whole = Classify(pretrained, Training);
        var kept = Training with { Checkpoints = new CheckpointOptions { Directory = directory.Path, EverySteps = 4 } };
        Classify(pretrained, kept with { StopWhen = progress => progress.Step == 22 }).Dispose();

        using var resumed = Classify(pretrained, kept);

        Assert.Equal(Weights(whole.Model.Network), Weights(resumed.Model.Network));
    }

    [Fact]
    public void Pretraining_goes_on_with_adapters_alone()
    {
        using var pretrained = Pretrained("llama");
        using var adapted = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions { LanguageModel = pretrained, Lora = Lora, Training = Training }).Fit(Corpus.View(ml));

        var (before, after) = (ml.LanguageModels.Evaluate(Corpus.View(ml, 40), pretrained), ml.LanguageModels.Evaluate(Corpus.View(ml, 40), adapted.LanguageModel));

        Assert.True(after.Loss < before.Loss - 0.02, $"{before.Loss} -> {after.Loss}");
        Assert.Null(adapted.LanguageModel.Network.Adapters);
    }

    [Fact]
    public void What_cannot_work_is_refused_by_name_before_any_data_is_read()
    {
        using var pretrained = Pretrained("gpt2");
        var nothing = Lora with { TargetModules = ["q_proj"] };
        var trainers = ml.BinaryClassification.Trainers;

        Refused("'q_proj' matches no linear layer", () => trainers.TextClassification(new TextClassificationOptions { LanguageModel = pretrained, Lora = nothing }));
        Refused("'q_proj' matches no linear layer", () => ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions { LanguageModel = pretrained, Lora = nothing }));
        Refused("LoraOptions.Rank", () => trainers.TextClassification(new TextClassificationOptions { LanguageModel = pretrained, Lora = Lora with { Rank = 33 } }));
        Refused("TrainableBlocks", () => trainers.TextClassification(new TextClassificationOptions { LanguageModel = pretrained, Lora = Lora, TrainableBlocks = 1 }));
        Refused("LanguageModel is null", () => trainers.TextClassification(new TextClassificationOptions { Lora = Lora }));
        Refused("AdapterDirectory", () => trainers.TextClassification(new TextClassificationOptions { LanguageModel = pretrained, AdapterDirectory = "adapters" }));
        Refused("LanguageModelLossWeight", () => trainers.TextClassification(new TextClassificationOptions { Network = BertConfig.Tiny, LanguageModelLossWeight = 0.5 }));

        static void Refused(string named, Action action) => Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(action).Message);
    }

    private Transforms.TextClassificationTransformer Classify(LanguageModel pretrained, TrainingOptions training) =>
        ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions { LanguageModel = pretrained, Lora = Lora, Training = training }).Fit(Corpus.View(ml));

    private LanguageModel Pretrained(string family)
    {
        if (family == "bert")
        {
            using var encoder = ml.LanguageModels.Trainers.MaskedPretraining(new MaskedPretrainingOptions
            {
                Network = BertConfig.Tiny with { ContextLength = 40, Width = 32, FeedForwardWidth = 64, Dropout = 0 },
                BytePairs = BytePairOptions.Bert with { VocabularySize = 320 },
                Training = Corpus.Training with { Epochs = 12 },
            }).Fit(Corpus.View(ml));
            return encoder.LanguageModel.Clone();
        }

        using var decoder = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = family == "llama" ? LlamaConfig.Tiny with { ContextLength = 32, Width = 32, FeedForwardWidth = 64, Dropout = 0 } : Corpus.Network,
            BytePairs = Corpus.BytePairs,
            Training = Corpus.Training with { Epochs = 1 },
        }).Fit(Corpus.View(ml));
        return decoder.LanguageModel.Clone();
    }

    private static Dictionary<string, float[]> Weights(torch.nn.Module network) => network.named_parameters()
        .ToDictionary(pair => pair.Item1, pair => pair.Item2.detach().data<float>().ToArray());
}
