using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Data;

public sealed class CorpusTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mlnetllm-tests-").FullName;
    private readonly MLContext ml = new(seed: 1);
    private readonly Collector sink = new();

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private PretrainingOptions Options => new()
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        TokenCache = new TokenCacheOptions { Storage = TokenStorage.Disk, Directory = directory },
        Training = Corpus.Training with { Progress = sink },
        Generation = new GenerationOptions { MaximumNewTokens = 4 },
    };

    private float[] LogLikelihoods(PretrainingOptions options)
    {
        using var model = ml.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(ml));
        return model.Transform(Corpus.View(ml, 20)).GetColumn<float>("LogLikelihood").ToArray();
    }

    [Fact]
    public void A_corpus_on_disk_trains_as_well_as_one_in_memory_and_the_next_run_finds_it()
    {
        var onDisk = LogLikelihoods(Options);
        var again = LogLikelihoods(Options);
        var inMemory = LogLikelihoods(Options with { TokenCache = new TokenCacheOptions { Storage = TokenStorage.Memory } });

        Assert.Equal(onDisk, again);
        Assert.InRange(onDisk.Average() / inMemory.Average(), 0.8, 1.25);
        Assert.Equal([false, false, true, true], sink.Corpora.Take(4).Select(report => report.CacheWasThere));
        Assert.All(sink.Corpora.Take(4), report => Assert.StartsWith(directory, report.CacheFile));
        Assert.All(sink.Corpora.Skip(4), report => Assert.Null(report.CacheFile));
        Assert.Equal(2, Directory.GetFiles(directory).Length);
    }

    [Theory]
    [InlineData(TextPacking.WholeTexts)]
    [InlineData(TextPacking.Separate)]
    public void Every_packing_learns_the_texts(TextPacking packing)
    {
        var options = Options with { Packing = packing, WindowLength = 24 };

        Assert.InRange(LogLikelihoods(options).Average() / LogLikelihoods(options with { Packing = TextPacking.Stream }).Average(), 0.7, 1.4);
    }

    [Fact]
    public void Texts_that_share_a_window_do_not_see_each_other()
    {
        using var model = LanguageModel.Create(
            Corpus.Network with { InitializerRange = 0.3 },
            BytePairLearner.Learn(Corpus.Messages(40).Select(message => message.Text), Corpus.BytePairs),
            Precision.Float32, torch.CPU, seed: 3);
        model.Network.eval();
        using var corpus = new MemoryCorpus(Corpus.Messages(30).Select(message => model.Tokenizer.Encode(message.Text!)), model.Tokenizer.EndOfTextId);

        (double Loss, long Windows) Measure(TextPacking packing)
        {
            var settings = new WindowSettings(packing, Length: 32, Stride: 31, BatchSize: 8, model.Tokenizer.EndOfTextId, PaddingId: 0, torch.CPU);
            var source = new WindowSource(corpus, settings);
            var data = new PretrainingData(source, "", source.Epoch(1, 0), source.BatchesPerEpoch, "");
            var loss = new CausalLanguageModelObjective(model, Options with { Packing = packing }, data).Validate()!.Loss;
            return (loss, source.Windows.Count);
        }

        var (shared, separate, stream) = (Measure(TextPacking.WholeTexts), Measure(TextPacking.Separate), Measure(TextPacking.Stream));
        Assert.Equal(separate.Loss, shared.Loss, 1e-5);
        Assert.NotEqual(separate.Loss, stream.Loss, 1e-3);
        Assert.True(shared.Windows < separate.Windows);
    }

    [Fact]
    public void What_became_of_the_rows_is_counted()
    {
        var rows = Corpus.Messages(40).Concat([new Corpus.Message { Text = "" }, new Corpus.Message { Text = null }]);
        var data = ml.Data.LoadFromEnumerable(rows);

        using var model = ml.LanguageModels.Trainers.Pretraining(Options with
        {
            ValidationSet = Corpus.View(ml, 100),
            ValidationTokens = 500,
            Packing = TextPacking.WholeTexts,
            WindowLength = 16,
        }).Fit(data);

        var (training, validation) = (sink.Corpora[0], sink.Corpora[1]);
        var tokenizer = model.LanguageModel.Tokenizer;
        Assert.Equal(("training", "Text", 42, 2), (training.Role, training.Column, training.Rows, training.EmptyRows));
        Assert.Equal(1 + Corpus.Messages(40).Sum(message => tokenizer.Count(message.Text!) + 1), training.Tokens);
        Assert.Equal(Corpus.Messages(40).Count(message => tokenizer.Count(message.Text!) + 2 > 16), training.TextsCut);
        Assert.True(validation.WindowsUsed < validation.Windows);
        Assert.True(validation.WindowsUsed * 16 >= 500);
    }

    [Fact]
    public void Splitting_texts_at_random_is_refused_for_a_corpus_that_is_not_in_memory()
    {
        var refused = Assert.Throws<ArgumentException>(() => ml.LanguageModels.Trainers.Pretraining(Options with { SubwordDropout = 0.1 }));
        var tooLarge = Assert.Throws<InvalidOperationException>(() => ml.LanguageModels.Trainers.Pretraining(Options with
        {
            SubwordDropout = 0.1,
            TokenCache = new TokenCacheOptions { MemoryLimit = 100 },
        }).Fit(Corpus.View(ml)));

        Assert.Contains("SubwordDropout", refused.Message);
        Assert.Contains("TokenCache.MemoryLimit", tooLarge.Message);
        Assert.Contains("'Text'", tooLarge.Message);
    }

    [Fact]
    public void Packing_by_texts_is_refused_without_an_end_of_text_token()
    {
        var options = Options with { Packing = TextPacking.Separate, BytePairs = new BytePairOptions { VocabularySize = 320, SpecialTokens = [] } };

        Assert.Contains("end-of-text", Assert.Throws<InvalidOperationException>(
            () => ml.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(ml))).Message);
    }

    [Fact]
    public void The_plan_of_the_run_and_samples_of_its_progress_reach_the_sink()
    {
        LogLikelihoods(Options with
        {
            Samples = new SampleOptions { EverySteps = 3, Prompts = ["WIN", ""], Generation = new GenerationOptions { MaximumNewTokens = 5 } },
            Training = Options.Training with { Epochs = 1 },
        });

        var plan = Assert.Single(sink.Plans);
        Assert.Equal(sink.Corpora[0].Tokens, plan.Tokens);
        Assert.True(plan.PeakFlops > 1e6);
        Assert.True(plan.MemoryAvailable > 0);
        Assert.Equal(["WIN", ""], sink.Samples.Take(2).Select(sample => sample.Prompt));
        Assert.All(sink.Samples, sample => Assert.Equal(0, sample.Step % 3));
        Assert.True(sink.Progress.Count > 3);
    }

    private sealed class Collector : ITrainingSink
    {
        public List<CorpusReport> Corpora { get; } = [];

        public List<TrainingPlan> Plans { get; } = [];

        public List<TrainingSample> Samples { get; } = [];

        public List<TrainingProgress> Progress { get; } = [];

        public void Report(TrainingProgress value) => Progress.Add(value);

        public void Report(TrainingPlan value) => Plans.Add(value);

        public void Report(CorpusReport value) => Corpora.Add(value);

        public void Report(TrainingSample value) => Samples.Add(value);
    }
}
