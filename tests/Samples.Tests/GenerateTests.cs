using System.Globalization;
using System.Text.RegularExpressions;
using MLNetLlm.Models;
using MLNetLlm.Models.Tests.Hub;

namespace MLNetLlm.Samples.Tests;

public sealed partial class GenerateTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(PublicCheckpoint.Gpt2)]
    [InlineData(PublicCheckpoint.Llama)]
    public async Task The_text_alone_is_the_output_and_the_speed_goes_to_the_error_stream(string name)
    {
        var checkpoint = PublicCheckpoint.Create(name, Path.Combine(directory, "model"));
        string[] sampling = ["--temperature", "1.2", "--top-k", "40", "--top-p", "0.9", "--min-p", "0.01", "--repetition-penalty", "1.1", "--seed", "5", "-n", "20", "--stop", "zq", "--device", "cpu"];
        using var model = LanguageModel.Load(checkpoint, device: "cpu");
        var expected = new TextGenerator(model).Generate("hello there", new GenerationOptions
        {
            Temperature = 1.2, TopK = 40, TopP = 0.9, MinP = 0.01, RepetitionPenalty = 1.1, Seed = 5, MaximumNewTokens = 20, StopStrings = ["zq"],
            ContextOverflow = ContextOverflow.Slide,
        });

        var run = await RunAsync([checkpoint, "--prompt", "hello there", .. sampling]);
        var piped = await RunAsync([checkpoint, .. sampling], input: "hello there");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(expected.Text.ReplaceLineEndings("\n").TrimEnd('\n'), run.Output);
        Assert.Equal(run.Output, piped.Output);
        var speed = Speed().Match(Assert.Single(run.Errors.TrimEnd().Split('\n')));
        Assert.Equal(expected.TokenIds.Count, int.Parse(speed.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [SkippableFact]
    public async Task Ctrl_C_stops_it_and_says_after_how_many_tokens()
    {
        Skip.If(OperatingSystem.IsWindows(), "The signal is sent with kill.");
        var checkpoint = PublicCheckpoint.Create(PublicCheckpoint.Llama, Path.Combine(directory, "model"));

        var run = await RunAsync([checkpoint, "--prompt", "hello", "-n", "100000000", "--ignore-end", "--temperature", "1", "--seed", "3", "--device", "cpu"], interruptWhenSeen: "");

        Assert.Equal(130, run.ExitCode);
        Assert.Matches("^canceled: stopped after [1-9][0-9]* tokens$", Assert.Single(run.Errors.TrimEnd().Split('\n')));
        Assert.NotEmpty(run.Output);
    }

    [Fact]
    public async Task A_model_is_downloaded_by_its_name_once()
    {
        using var hub = new FakeHub();
        hub.Files.Clear();
        foreach (var file in Directory.GetFiles(PublicCheckpoint.Create(PublicCheckpoint.Gpt2, Path.Combine(directory, "published"))))
        {
            hub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }

        var environment = new Dictionary<string, string>
        {
            ["HF_ENDPOINT"] = hub.Server.Address.ToString(), ["HF_HUB_CACHE"] = hub.CacheDirectory, ["HF_HUB_OFFLINE"] = "0", ["NO_PROXY"] = "127.0.0.1",
        };
        string[] arguments = [FakeHub.Name, "--prompt", "hello", "-n", "5", "--temperature", "0", "--device", "cpu"];

        var first = await RunAsync(arguments, environment: environment);
        var requests = hub.Server.Requests.Count;
        var second = await RunAsync([.. arguments, "--offline"], environment: environment);
        var unknown = await RunAsync(["org/other", "--prompt", "hello"], environment: environment);

        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.Contains("downloaded model.safetensors", first.Errors);
        Assert.Equal(first.Output, second.Output);
        Assert.DoesNotContain("downloaded", second.Errors);
        Assert.InRange(hub.Server.Requests.Count, requests + 1, requests + 2);
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("org/other", Assert.Single(unknown.Errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task Without_a_model_it_takes_the_newest_of_the_other_samples_or_says_what_to_do()
    {
        var nothing = await RunAsync(["--prompt", "hello"]);
        PublicCheckpoint.Create(PublicCheckpoint.Llama, Path.Combine(directory, "out", "instructions", "tuning", "model"));
        var found = await RunAsync(["--prompt", "hello", "-n", "5", "--device", "cpu"]);

        Assert.Equal(1, nothing.ExitCode);
        Assert.Contains("--help", Assert.Single(nothing.Errors.TrimEnd().Split('\n')));
        Assert.True(found.ExitCode == 0, found.Errors);
    }

    [Fact]
    public async Task A_template_answers_and_a_chat_goes_on_line_by_line()
    {
        var checkpoint = PublicCheckpoint.Create(PublicCheckpoint.Gpt2, Path.Combine(directory, "model"));
        string[] shared = [checkpoint, "--template", "alpaca", "-n", "4", "--temperature", "0", "--device", "cpu"];

        var chat = await RunAsync([.. shared, "--chat"], input: "hello\n/new\nhello\n/quit\n");
        var refused = await RunAsync([checkpoint, "--template", "chatml", "--prompt", "hello", "--device", "cpu"]);

        Assert.True(chat.ExitCode == 0, chat.Errors);
        Assert.Contains("Chat", chat.Output);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("<|im_start|>", Assert.Single(refused.Errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task What_cannot_work_is_one_line_and_exit_code_1()
    {
        var encoder = PublicCheckpoint.Create(PublicCheckpoint.Bert, Path.Combine(directory, "bert"));
        var damaged = PublicCheckpoint.Create(PublicCheckpoint.Gpt2, Path.Combine(directory, "damaged"));
        File.WriteAllText(Path.Combine(damaged, "model.safetensors"), "no tensors");
        foreach (var (arguments, named) in new (string[], string)[]
        {
            (["no/such/directory"], "no/such/directory"),
            ([damaged], "model.safetensors"),
            ([encoder], "looks both ways"),
            ([damaged, "--top-p", "0"], "TopP"),
            ([damaged, "--system", "be kind"], "--system"),
        })
        {
            var failed = await RunAsync([.. arguments, "--prompt", "hello", "--device", "cpu"]);

            Assert.Equal(1, failed.ExitCode);
            Assert.Equal("", failed.Output);
            Assert.Contains(named, Assert.Single(failed.Errors.TrimEnd().Split('\n')));
        }
    }

    [GeneratedRegex(@"^(\d+) tokens at [\d.]+ tokens/s; the first after \d+ ms; prompt of \d+ tokens")]
    private static partial Regex Speed();

    private Task<SampleProcess> RunAsync(
        string[] arguments, string? interruptWhenSeen = null, string input = "", IReadOnlyDictionary<string, string>? environment = null) =>
        SampleProcess.RunAsync(arguments, interruptWhenSeen, "Generate", input, directory, environment);
}
