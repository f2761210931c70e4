using System.Text.Json;
using System.Xml.Linq;
using InstructionTuning;
using MLNetLlm.Models;

namespace MLNetLlm.Samples.Tests;

/// <summary>One real run of the sample on its shipped instructions, with a chat at its end.</summary>
public sealed class InstructionTuningRun : IAsyncLifetime
{
    internal InstructionTuning.OutputFiles Files { get; } = new(Directory.CreateTempSubdirectory("samples-tests-run-").FullName);

    internal SampleProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await SampleProcess.RunAsync(
        ["--data", InstructionData.Instructions.ShippedFile, "--output", Files.Directory, "--epochs", "2", "--seed", "5", "--device", "cpu", "--chat"],
        interruptWhenSeen: null, "InstructionTuning", "Hello\n/new\n/quit\nnot read\n");

    public Task DisposeAsync()
    {
        Directory.Delete(Files.Directory, recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class InstructionTuningTests(InstructionTuningRun run) : IClassFixture<InstructionTuningRun>, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void It_succeeds_and_shows_responses_before_and_after()
    {
        Assert.True(run.Process.ExitCode == 0, run.Process.Output + run.Process.Errors);
        Assert.Equal("", run.Process.Errors);
        Assert.Contains("results mean little", run.Process.Output.ReplaceLineEndings(" "));
        Assert.Contains("before", run.Process.Output);
        Assert.Contains("Chat", run.Process.Output);
    }

    [Fact]
    public void It_leaves_report_curves_log_metrics_and_checkpoints()
    {
        Assert.Contains("<table>", File.ReadAllText(run.Files.Responses));
        Assert.Equal("svg", XDocument.Load(run.Files.Curves).Root!.Name.LocalName);
        Assert.Equal(
            ["pretraining", "instruction tuning"],
            File.ReadLines(run.Files.TrainingLog).Select(line => JsonDocument.Parse(line).RootElement)
                .Where(line => line.TryGetProperty("stage", out _)).Select(line => line.GetProperty("stage").GetString()).Distinct());
        using var metrics = JsonDocument.Parse(File.ReadAllText(run.Files.Metrics));
        Assert.True(metrics.RootElement.GetProperty("responseLoss").GetDouble() > 0);
        Assert.InRange(metrics.RootElement.GetProperty("tokenF1").GetDouble(), 0, 1);
        using var model = LanguageModel.Load(run.Files.Checkpoint, device: "cpu");
        Assert.Contains("<|im_start|>", model.Tokenizer.SpecialTokens.Keys);
    }

    [Fact]
    public async Task A_fresh_process_talks_with_the_saved_model_as_the_run_did()
    {
        var fresh = await SampleProcess.RunAsync(["chat", "--model", run.Files.Model], interruptWhenSeen: null, "InstructionTuning", "Hello\n");

        Assert.True(fresh.ExitCode == 0, fresh.Errors);
        var reply = fresh.Output.Split('\n').Single(line => line.StartsWith("> ", StringComparison.Ordinal) && line.Length > 2);
        Assert.Contains(reply.TrimEnd(), run.Process.Output);
    }

    [SkippableFact]
    public async Task Ctrl_C_keeps_the_model_so_far_and_says_where()
    {
        Skip.If(OperatingSystem.IsWindows(), "The signal is sent with kill.");
        var files = new InstructionTuning.OutputFiles(directory);

        var interrupted = await SampleProcess.RunAsync(
            ["--data", InstructionData.Instructions.ShippedFile, "--model", run.Files.PretrainedCheckpoint, "--output", directory, "--epochs", "1000", "--device", "cpu"],
            interruptWhenSeen: "instruction tuning 1/", "InstructionTuning");

        Assert.Equal(130, interrupted.ExitCode);
        Assert.Contains(files.Checkpoint, Assert.Single(interrupted.Errors.TrimEnd().Split('\n')));
        Assert.False(File.Exists(files.Model));
        using var pretrained = LanguageModel.Load(run.Files.PretrainedCheckpoint, device: "cpu");
        using var kept = LanguageModel.Load(files.Checkpoint, device: "cpu");
        Assert.Contains("<|im_start|>", kept.Tokenizer.SpecialTokens.Keys);
        Assert.NotEqual(FinalNorm(pretrained), FinalNorm(kept));
        _ = new ChatSession(kept, ChatTemplate.ChatML, new ChatSessionOptions { Generation = new GenerationOptions { MaximumNewTokens = 4 } }).Reply("Hello");
    }

    private static float[] FinalNorm(LanguageModel model) =>
        model.Network.named_parameters().Single(parameter => parameter.name == "ln_f.weight").parameter.data<float>().ToArray();

    [Theory]
    [InlineData("{}", "array")]
    [InlineData("[1]", "entry 1")]
    [InlineData("""[{"instruction": "a", "output": "b"}, {"instruction": "a", "output": ""}]""", "entry 2 has no text 'output'")]
    [InlineData("[{", "not valid JSON")]
    public void A_malformed_file_is_refused_with_the_place(string content, string named)
    {
        var file = Path.Combine(directory, "bad.json");
        File.WriteAllText(file, content);

        var error = Assert.Throws<InvalidDataException>(() => InstructionFile.Read(file));

        Assert.Contains("bad.json", error.Message);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public async Task What_cannot_work_is_one_line_and_exit_code_1()
    {
        foreach (var (arguments, named) in new (string[], string)[]
        {
            (["--data", Path.Combine(directory, "nothing.json")], "nothing.json"),
            (["--data", InstructionData.Instructions.ShippedFile, "--epochs", "0"], "Epochs"),
            (["--data", InstructionData.Instructions.ShippedFile, "--model", Path.Combine(directory, "no-model")], "no-model"),
            (["chat", "--model", Path.Combine(directory, "nothing.zip")], "nothing.zip"),
        })
        {
            string[] all = arguments[0] == "chat" ? arguments : [.. arguments, "--output", Path.Combine(directory, "out")];
            var failed = await SampleProcess.RunAsync(all, interruptWhenSeen: null, "InstructionTuning");

            Assert.Equal(1, failed.ExitCode);
            Assert.Contains(named, Assert.Single(failed.Errors.TrimEnd().Split('\n')));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }
}
