using System.Text.Json;
using System.Xml.Linq;
using MLNetLlm.Models;
using MLNetLlm.Trainers;
using Pretraining;

namespace MLNetLlm.Samples.Tests;

/// <summary>One real run of the sample on its shipped text.</summary>
public sealed class PretrainingRun : IAsyncLifetime
{
    internal static string[] Arguments => ["--data", TextData.Text.ShippedFile, "--recipe", "published", "--steps", "40", "--seed", "5", "--device", "cpu", "--prompt", "MARA:"];

    internal Pretraining.OutputFiles Files { get; } = new(Directory.CreateTempSubdirectory("samples-tests-run-").FullName);

    internal SampleProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await SampleProcess.RunAsync([.. Arguments, "--output", Files.Directory], interruptWhenSeen: null, "Pretraining");

    public Task DisposeAsync()
    {
        Directory.Delete(Files.Directory, recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class PretrainingTests(PretrainingRun run) : IClassFixture<PretrainingRun>, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void It_succeeds_and_shows_what_the_model_writes()
    {
        Assert.True(run.Process.ExitCode == 0, run.Process.Output + run.Process.Errors);
        Assert.Equal("", run.Process.Errors);
        Assert.Contains("results mean little", run.Process.Output.ReplaceLineEndings(" "));
        Assert.Contains("nats a character", run.Process.Output);
        Assert.StartsWith("MARA:", File.ReadAllText(run.Files.Continuation));
        Assert.True(File.ReadAllText(run.Files.Continuation).Length > 100);
    }

    [Fact]
    public void It_leaves_model_curves_logs_and_metrics()
    {
        Assert.Equal("svg", XDocument.Load(run.Files.Curves).Root!.Name.LocalName);
        Assert.Equal(40, TrainingLog.Read(run.Files.TrainingLog).Max(report => report.Step));
        Assert.NotEmpty(Directory.GetFiles(run.Files.TensorBoard));
        using var metrics = Metrics(run.Files);
        Assert.InRange(metrics.RootElement.GetProperty("validationLossPerCharacter").GetDouble(), 1, 5);
        Assert.Equal(1, metrics.RootElement.GetProperty("charactersPerToken").GetDouble(), 0.01);
        using var model = LanguageModel.Load(run.Files.Checkpoint, device: "cpu");
        Assert.Equal(File.ReadAllText(TextData.Text.ShippedFile).Distinct().Count(), model.Tokenizer.VocabularySize);
        using var loaded = new Microsoft.ML.MLContext().Model.Load(run.Files.Model, out _) as IDisposable;
        Assert.NotNull(loaded);
    }

    [SkippableFact]
    public async Task An_interrupted_run_goes_on_with_resume_and_ends_like_one_that_never_was()
    {
        Skip.If(OperatingSystem.IsWindows(), "The signal is sent with kill.");
        var files = new Pretraining.OutputFiles(directory);
        string[] arguments = [.. PretrainingRun.Arguments, "--output", directory];

        var interrupted = await SampleProcess.RunAsync(arguments, interruptWhenSeen: "pretraining 1/", "Pretraining");
        var resumed = await SampleProcess.RunAsync([.. arguments, "--resume"], interruptWhenSeen: null, "Pretraining");
        var other = await SampleProcess.RunAsync([.. arguments, "--resume", "--vocabulary", "300"], interruptWhenSeen: null, "Pretraining");

        Assert.Equal(130, interrupted.ExitCode);
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        using var expected = Metrics(run.Files);
        using var actual = Metrics(files);
        Assert.Equal(
            expected.RootElement.GetProperty("validationLossPerCharacter").GetDouble(), actual.RootElement.GetProperty("validationLossPerCharacter").GetDouble());
        Assert.Equal(File.ReadAllText(run.Files.Continuation), File.ReadAllText(files.Continuation));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("BytePairs.VocabularySize: 4096 in the run on disk, 300 now", other.Errors);
        Assert.Contains("tokenizer: ", other.Errors);
    }

    [Fact]
    public async Task A_finished_run_whose_log_is_gone_is_refused_by_name()
    {
        var output = Path.Combine(directory, "out");
        foreach (var file in Directory.GetFiles(run.Files.Run, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(output, Path.GetRelativePath(run.Files.Directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var failed = await SampleProcess.RunAsync([.. PretrainingRun.Arguments, "--output", output, "--resume"], interruptWhenSeen: null, "Pretraining");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("training.jsonl", Assert.Single(failed.Errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task What_cannot_work_is_one_line_and_exit_code_1()
    {
        var shortFile = Path.Combine(directory, "short.txt");
        File.WriteAllText(shortFile, "to be");
        var output = Path.Combine(directory, "out");
        foreach (var (arguments, named) in new (string[], string)[]
        {
            (["--data", Path.Combine(directory, "nothing.txt")], "nothing.txt"),
            (["--data", shortFile], "short.txt has 5 characters"),
            (["--data", TextData.Text.ShippedFile, "--steps", "0"], "MaximumSteps"),
            (["--data", TextData.Text.ShippedFile, "--learning-rate", "0"], "LearningRate"),
            (["--data", TextData.Text.ShippedFile, "--vocabulary", "100"], "VocabularySize"),
        })
        {
            var failed = await SampleProcess.RunAsync([.. arguments, "--output", output], interruptWhenSeen: null, "Pretraining");

            Assert.Equal(1, failed.ExitCode);
            Assert.Contains(named, Assert.Single(failed.Errors.TrimEnd().Split('\n')));
        }

        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void The_last_tenth_validates_and_no_character_is_lost()
    {
        var file = Path.Combine(directory, "text.txt");
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(line => $"line {line} 🙂\n"));
        File.WriteAllText(file, text);

        var split = TextSplit.Read(file);

        Assert.Equal(text, string.Concat(split.Training.Concat(split.Validation).Select(piece => piece.Text)));
        Assert.InRange(split.ValidationCharacters, text.Length / 10 - 1, text.Length / 10 + 1);
        Assert.True(split.Training.Count > 3);
        Assert.All(split.Training.SkipLast(1), piece => Assert.EndsWith("\n", piece.Text));
        Assert.DoesNotContain(split.Training.Concat(split.Validation), piece => char.IsLowSurrogate(piece.Text[0]) || char.IsHighSurrogate(piece.Text[^1]));
    }

    [Fact]
    public void A_file_that_is_no_text_is_refused_by_name()
    {
        var file = Path.Combine(directory, "noise.bin");
        File.WriteAllBytes(file, [.. Enumerable.Repeat((byte)0xff, 5000)]);

        Assert.Contains("noise.bin", Assert.Throws<InvalidDataException>(() => TextSplit.Read(file)).Message);
    }

    [Fact]
    public void Characters_are_tokens_in_their_order_and_come_back()
    {
        var tokenizer = CharacterTokenizer.Of(["to be\n", "🙂 or"]);

        Assert.Equal(8, tokenizer.VocabularySize);
        Assert.Equal([0, 1, 7], tokenizer.Encode("\n 🙂"));
        Assert.Equal("or\nto 🙂", tokenizer.Decode(tokenizer.Encode("or\nto 🙂")));
    }

    [Fact]
    public void The_published_recipe_is_what_was_published()
    {
        var (network, training) = ((GptConfig)Recipe.Published.Options.Network, Recipe.Published.Options.Training);

        Assert.Equal((4, 4, 128, 64, 0.0), (network.LayerCount, network.HeadCount, network.Width, network.ContextLength - 1, network.Dropout));
        Assert.Equal((2_000L, 12, 1e-3), (training.MaximumSteps, training.BatchSize, training.LearningRate));
        Assert.Equal((100, 1e-4), (training.Schedule.WarmupSteps, training.LearningRate * training.Schedule.FinalRatio));
        Assert.Equal((0.9, 0.99, 0.1, 1.0), (training.Optimizer.Beta1, training.Optimizer.Beta2, training.Optimizer.WeightDecay, training.Optimizer.ClipNorm));
        Assert.All(Recipe.Names, name => Recipe.Of(name).Options.Validate());
    }

    private static JsonDocument Metrics(Pretraining.OutputFiles files) => JsonDocument.Parse(File.ReadAllText(files.Metrics));
}
