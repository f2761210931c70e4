using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.ML;
using MLNetLlm.Models;
using SpamFilter;

namespace MLNetLlm.Samples.Tests;

/// <summary>One real run of the sample on its shipped messages, shared by the tests that look at what it left.</summary>
public sealed class SpamFilterRun : IAsyncLifetime
{
    internal OutputFiles Files { get; } = new(Directory.CreateTempSubdirectory("samples-tests-run-").FullName);

    internal SampleProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await SampleProcess.RunAsync(
        "--data", SmsData.Messages.ShippedFile, "--output", Files.Directory, "--epochs", "2", "--seed", "5", "--device", "cpu");

    public Task DisposeAsync()
    {
        Directory.Delete(Files.Directory, recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class SpamFilterRunTests(SpamFilterRun run) : IClassFixture<SpamFilterRun>
{
    [Fact]
    public void It_succeeds_and_says_that_the_shipped_messages_mean_little()
    {
        Assert.True(run.Process.ExitCode == 0, run.Process.Output + run.Process.Errors);
        Assert.Equal("", run.Process.Errors);
        Assert.Contains("results mean little", run.Process.Output.ReplaceLineEndings(" "));
    }

    [Fact]
    public void Metrics_hold_every_figure()
    {
        using var metrics = JsonDocument.Parse(File.ReadAllText(run.Files.Metrics));
        var root = metrics.RootElement;

        foreach (var share in (string[])["accuracy", "f1", "precision", "recall", "auc"])
        {
            Assert.InRange(root.GetProperty(share).GetDouble(), 0, 1);
        }

        foreach (var quantity in (string[])["tokensPerSecond", "peakMemoryMegabytes", "parameters"])
        {
            Assert.True(root.GetProperty(quantity).GetDouble() > 0, quantity);
        }

        foreach (var stage in (string[])["pretraining", "fineTuning", "evaluation", "saving"])
        {
            Assert.True(root.GetProperty("secondsPerStage").GetProperty(stage).GetDouble() > 0, stage);
        }

        Assert.Equal("cpu", root.GetProperty("device").GetString());
        Assert.Contains(root.GetProperty("computePrecision").GetString(), Enum.GetNames<Precision>());
        Assert.Contains(root.GetProperty("packageMode").GetString(), (string[])["nuget", "standins"]);
        Assert.Equal(5, root.GetProperty("seed").GetInt32());
        Assert.Equal("all", root.GetProperty("split").GetString());
        Assert.Equal(
            root.GetProperty("rows").GetProperty("test").GetInt32(),
            root.GetProperty("confusion").EnumerateObject().Sum(count => count.Value.GetInt32()));
    }

    [Fact]
    public void The_training_log_has_a_line_for_every_step_of_both_stages()
    {
        var lines = File.ReadLines(run.Files.TrainingLog).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => !line.TryGetProperty("kind", out _)).ToList();

        foreach (var stage in lines.GroupBy(line => line.GetProperty("stage").GetString()))
        {
            var steps = stage.Select(line => line.GetProperty("step").GetInt64()).Distinct().ToList();
            Assert.Equal(Enumerable.Range(1, (int)stage.First().GetProperty("totalSteps").GetInt64()).Select(step => (long)step), steps);
        }

        Assert.Equal(["pretraining", "classification"], lines.Select(line => line.GetProperty("stage").GetString()).Distinct());
    }

    [Fact]
    public void The_pictures_are_svg()
    {
        Assert.All([run.Files.Curves, run.Files.Confusion], file => Assert.Equal("svg", XDocument.Load(file).Root!.Name.LocalName));
    }

    [Fact]
    public void The_pretrained_checkpoint_is_a_language_model()
    {
        using var model = LanguageModel.Load(run.Files.PretrainedCheckpoint, device: "cpu");

        Assert.Equal("see you there", model.Tokenizer.Decode(model.Tokenizer.Encode("see you there")));
    }

    [Fact]
    public async Task Zip_checkpoint_and_fresh_process_give_the_same_probabilities()
    {
        var fresh = await SampleProcess.RunAsync(["predict", "--model", run.Files.Model, "--", .. PredictCommand.Examples]);
        var here = PredictHere();

        Assert.True(fresh.ExitCode == 0, fresh.Errors);
        var rows = fresh.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        Assert.Equal(PredictCommand.Examples, rows.Select(row => row[2]));
        Assert.Equal(here.Select(verdict => verdict.PredictedLabel ? "spam" : "ham"), rows.Select(row => row[0]));
        Assert.All(here.Zip(rows), pair => Assert.Equal(pair.First.Probability, float.Parse(pair.Second[1], CultureInfo.InvariantCulture), 1e-5));
        Assert.All(here.Zip(FromCheckpoint()), pair => Assert.Equal(pair.First.Probability, pair.Second, 1e-5));
        Assert.Contains(fresh.Output.Split('\n')[0], run.Process.Output);
    }

    private List<Verdict> PredictHere()
    {
        var ml = new MLContext();
        using var engine = ml.Model.CreatePredictionEngine<Message, Verdict>(ml.Model.Load(run.Files.Model, out _));
        return PredictCommand.Examples.Select(text => engine.Predict(new Message { Text = text })).ToList();
    }

    private List<float> FromCheckpoint()
    {
        using var model = TextClassificationModel.Load(run.Files.Checkpoint, device: "cpu");
        return model.Score(PredictCommand.Examples.Select(text => model.Frame(model.Backbone.Tokenizer.Encode(text))).ToList())
            .Select(scores => 1 / (1 + MathF.Exp(scores[0] - scores[1])))
            .ToList();
    }
}
