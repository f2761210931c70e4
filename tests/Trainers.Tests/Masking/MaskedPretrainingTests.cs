using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers.Tests.Masking;

public sealed class MaskedPretrainingTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    private static BertConfig Network { get; } = BertConfig.Tiny with { ContextLength = 40, Width = 32, FeedForwardWidth = 64, Dropout = 0.05 };

    private static MaskedPretrainingOptions Options { get; } = new()
    {
        Network = Network,
        BytePairs = BytePairOptions.Bert with { VocabularySize = 320 },
        Training = Corpus.Training with { Epochs = 12 },
    };

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Finds_out_hidden_tokens_far_better_than_an_untrained_network()
    {
        using var untrained = Fit(Options with { Training = Options.Training with { MaximumSteps = 1, LearningRate = 1e-6 } });
        using var model = Fit(Options);

        var before = ml.LanguageModels.EvaluateMasked(Corpus.View(ml, 60), untrained.LanguageModel);
        var after = ml.LanguageModels.EvaluateMasked(Corpus.View(ml, 60), model.LanguageModel);

        Assert.InRange(before.Accuracy, 0, 0.15);
        Assert.InRange(after.Accuracy, 0.4, 1);
        Assert.True(after.Loss < before.Loss - 2, $"{before} -> {after}");
        Assert.Equal(before.Tokens, after.Tokens);
        Assert.Equal(after, ml.LanguageModels.EvaluateMasked(Corpus.View(ml, 60), model.LanguageModel));
    }

    [Theory]
    [InlineData(TextPacking.Separate, TokenStorage.Disk)]
    [InlineData(TextPacking.WholeTexts, TokenStorage.Memory)]
    [InlineData(TextPacking.Stream, TokenStorage.Disk)]
    public void Texts_can_share_rows_and_be_kept_on_disk(TextPacking packing, TokenStorage storage)
    {
        var validations = new List<TrainingProgress>();
        using var model = Fit(Options with
        {
            Packing = packing,
            TokenCache = new TokenCacheOptions { Storage = storage, Directory = directory.Path },
            Training = Options.Training with { Epochs = 4, Progress = new Validations(validations) },
        });

        Assert.Equal(4, validations.Count);
        Assert.True(validations[^1].ValidationLoss < validations[0].ValidationLoss);
        Assert.All(validations, validation => Assert.InRange(validation.ValidationAccuracy!.Value, 0, 1));
    }

    [Fact]
    public void Vectors_of_texts_are_the_same_after_saving_and_loading()
    {
        var data = Corpus.View(ml, 20);
        using var model = Fit(Options with { Training = Options.Training with { Epochs = 1 } });
        using var zip = new MemoryStream();

        ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        var loaded = new MLContext().Model.Load(zip, out _);

        Assert.Equal(Network.Width, ((VectorDataViewType)model.Transform(data).Schema["Features"].Type).Size);
        Assert.Equal(Vectors(model, data), Vectors(loaded, data));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void The_encoder_is_fine_tuned_to_a_classifier_that_frames_texts_as_it_did()
    {
        var split = ml.Data.TrainTestSplit(Corpus.View(ml), 0.25);
        using var encoder = Fit(Options with { Training = Options.Training with { Epochs = 4 } });
        using var classifier = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            LanguageModel = encoder.LanguageModel,
            Training = Corpus.Training,
        }).Fit(split.TrainSet);

        Assert.InRange(ml.BinaryClassification.Evaluate(classifier.Transform(split.TestSet)).Accuracy, 0.95, 1);
        Assert.Equal(Pooling.Pooler, classifier.Model.Pooling);
        var tokenizer = encoder.LanguageModel.Tokenizer;
        Assert.Equal([tokenizer.ClassifierId!.Value, 7, tokenizer.SeparatorId!.Value], classifier.Model.Frame([7]));
    }

    [Fact]
    public void Goes_on_with_a_given_model_without_changing_it_and_with_adapters_alone()
    {
        using var first = Fit(Options with { Training = Options.Training with { Epochs = 6 } });
        var data = Corpus.View(ml, 120);
        var vectors = Vectors(first, data);
        var before = ml.LanguageModels.EvaluateMasked(data, first.LanguageModel);
        foreach (var lora in new[] { null, new LoraOptions { Rank = 8, TargetModules = [LoraOptions.AllLinear] } })
        {
            using var second = Fit(new MaskedPretrainingOptions { LanguageModel = first.LanguageModel, Lora = lora, Training = Options.Training with { Epochs = 8, LearningRate = 1e-2 } });

            Assert.Null(second.LanguageModel.Network.Adapters);
            var after = ml.LanguageModels.EvaluateMasked(data, second.LanguageModel);
            Assert.True(after.Loss < before.Loss - 0.02, $"{before} -> {after}");
        }

        Assert.Equal(vectors, Vectors(first, data));
    }

    [Fact]
    public void An_interrupted_run_ends_like_one_that_never_was()
    {
        var options = Options with { Training = Options.Training with { Epochs = 2 } };
        using var whole = Fit(options);
        var kept = options with { Training = options.Training with { Checkpoints = new CheckpointOptions { Directory = directory.Path, EverySteps = 3 } } };
        Fit(kept with { Training = kept.Training with { StopWhen = progress => progress.Step == 20 } }).Dispose();

        using var resumed = Fit(kept);

        Assert.Equal(Vectors(whole, Corpus.View(ml, 20)), Vectors(resumed, Corpus.View(ml, 20)));
        var refused = Assert.Throws<ResumeRefusedException>(() => Fit(kept with { Masking = new MaskingOptions { Share = 0.2 } }));
        Assert.Contains("Masking.Share: 0.15 in the run on disk, 0.2 now", refused.Message);
    }

    [Fact]
    public void What_cannot_work_is_refused_by_name_before_any_data_is_read()
    {
        using var decoder = ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = Corpus.Network, BytePairs = Corpus.BytePairs, Training = Corpus.Training with { MaximumSteps = 1 },
        }).Fit(Corpus.View(ml));
        foreach (var (options, named) in new (MaskedPretrainingOptions, string)[]
        {
            (new() { LanguageModel = decoder.LanguageModel }, "GptModel"),
            (Options with { Tokenizer = decoder.LanguageModel.Tokenizer }, "[MASK]"),
            (Options with { Network = Network with { HasMaskedTokenHead = false } }, "HasMaskedTokenHead"),
            (Options with { Network = Network with { HasPooler = false }, Pooling = Pooling.Pooler }, "Pooler"),
            (Options with { Masking = new MaskingOptions { Share = 0 } }, "Masking.Share"),
            (Options with { TextColumnName = " " }, "TextColumnName"),
            (Options with { Packing = (TextPacking)7 }, "Packing"),
            (Options with { Lora = new LoraOptions() }, "LanguageModel"),
        })
        {
            Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Trainers.MaskedPretraining(options)).Message);
        }

        Assert.Contains("[MASK]", Assert.Throws<ArgumentException>(() => Fit(Options with { BytePairs = Corpus.BytePairs })).Message);
        Assert.Contains("MaximumTokens", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Options with { MaximumTokens = 3 })).Message);
        Assert.Contains("Message", Assert.ThrowsAny<Exception>(() => Fit(Options with { TextColumnName = "Message" })).Message);
        Assert.Contains("GptModel", Assert.Throws<ArgumentException>(() => ml.LanguageModels.EvaluateMasked(Corpus.View(ml), decoder.LanguageModel)).Message);
    }

    private EmbeddingTransformer Fit(MaskedPretrainingOptions options) => ml.LanguageModels.Trainers.MaskedPretraining(options).Fit(Corpus.View(ml));

    private static List<float[]> Vectors(ITransformer model, IDataView data) =>
        model.Transform(data).GetColumn<VBuffer<float>>("Features").Select(vector => vector.DenseValues().ToArray()).ToList();

    private sealed class Validations(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.ValidationLoss is not null)
            {
                reports.Add(value);
            }
        }
    }
}
