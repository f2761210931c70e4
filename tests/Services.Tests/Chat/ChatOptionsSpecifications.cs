using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Chat;

public sealed class ChatOptionsSpecifications : IDisposable
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "the dog")];
    private readonly LanguageModel model = TestModels.Random();
    private readonly IChatClient client;

    public ChatOptionsSpecifications() => client = model.AsChatClient(TestModels.Template, new ChatClientSettings { ModelId = "small" });

    public void Dispose()
    {
        client.Dispose();
        model.Dispose();
    }

    [Fact]
    public void Every_option_reaches_the_engine()
    {
        var read = Read(new ChatOptions
        {
            Temperature = 0.7f, TopP = 0.9f, TopK = 40, MaxOutputTokens = 17, Seed = 5, FrequencyPenalty = 0.1f, PresencePenalty = -0.2f, StopSequences = ["a", "b"],
        });

        Assert.Equal(0.7, read.Temperature);
        Assert.Equal(0.9, read.TopP);
        Assert.Equal(40, read.TopK);
        Assert.Equal(17, read.MaximumNewTokens);
        Assert.Equal(5, read.Seed);
        Assert.Equal(0.1, read.FrequencyPenalty);
        Assert.Equal(-0.2, read.PresencePenalty);
        Assert.Equal(["a", "b"], read.StopStrings);
    }

    [Fact]
    public void What_a_request_does_not_say_is_as_the_settings_have_it()
    {
        var settings = new ChatClientSettings { Generation = new GenerationOptions { Temperature = 0.3, TopK = 7, MaximumNewTokens = 9, StopStrings = ["x"] } };

        var read = ChatOptionsReader.Read(new ChatOptions { TopP = 0.5f, StopSequences = ["y"] }, settings, client);

        Assert.Equal((0.3, 7, 9, 0.5), (read.Temperature, read.TopK, read.MaximumNewTokens, read.TopP));
        Assert.Equal(["x", "y"], read.StopStrings);
        Assert.Equal(settings.Generation.MaximumNewTokens, ChatOptionsReader.Read(null, settings, client).MaximumNewTokens);
    }

    [Fact]
    public void The_engines_own_options_can_be_given_and_the_frameworks_go_before_them()
    {
        var read = Read(new ChatOptions { Temperature = 0.5f, RawRepresentationFactory = _ => new GenerationOptions { MinP = 0.1, Temperature = 2, LogProbabilities = 3 } });

        Assert.Equal((0.1, 0.5, 3), (read.MinP, read.Temperature, read.LogProbabilities));
    }

    [Fact]
    public async Task Log_probabilities_come_with_the_raw_representation()
    {
        var options = new ChatOptions { MaxOutputTokens = 3, RawRepresentationFactory = _ => new GenerationOptions { LogProbabilities = 2, StopAtEndOfText = false } };

        var response = await client.GetResponseAsync(Question, options);

        var raw = Assert.IsType<GeneratedText>(response.RawRepresentation);
        Assert.Equal(raw.TokenIds.Count, raw.LogProbabilities!.Count);
        Assert.All(raw.LogProbabilities, token => Assert.Equal(2, token.Alternatives.Count));
    }

    public static TheoryData<ChatOptions, string> Unsupported => new()
    {
        { new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, "ResponseFormat" },
        { new ChatOptions { Tools = [new SomeTool()] }, "Tools" },
        { new ChatOptions { ToolMode = ChatToolMode.RequireAny }, "ToolMode" },
        { new ChatOptions { ConversationId = "c" }, "ConversationId" },
        { new ChatOptions { Reasoning = new ReasoningOptions() }, "Reasoning" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task An_option_that_cannot_be_honoured_is_refused_by_name(ChatOptions options, string name)
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(Question, options));
        Assert.Contains($"ChatOptions.{name} ", error.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => { client.GetStreamingResponseAsync(Question, options); });
    }

    [Fact]
    public async Task Options_that_ask_for_nothing_special_are_not_refused()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Text, Tools = [], ToolMode = ChatToolMode.Auto, ModelId = "small", MaxOutputTokens = 1 };

        Assert.Equal(1, (await client.GetResponseAsync(Question, options)).Usage!.OutputTokenCount);
    }

    public static TheoryData<ChatOptions, string> OutOfRange => new()
    {
        { new ChatOptions { Temperature = -1 }, "Temperature" },
        { new ChatOptions { Temperature = float.NaN }, "Temperature" },
        { new ChatOptions { TopP = 0 }, "TopP" },
        { new ChatOptions { TopP = 1.5f }, "TopP" },
        { new ChatOptions { TopK = -1 }, "TopK" },
        { new ChatOptions { MaxOutputTokens = 0 }, "MaxOutputTokens" },
        { new ChatOptions { FrequencyPenalty = 3 }, "FrequencyPenalty" },
        { new ChatOptions { PresencePenalty = -3 }, "PresencePenalty" },
        { new ChatOptions { StopSequences = [""] }, "StopStrings" },
        { new ChatOptions { ModelId = "large" }, "large" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public async Task An_option_out_of_its_range_is_refused_by_name(ChatOptions options, string name)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(Question, options));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private GenerationOptions Read(ChatOptions options) => ChatOptionsReader.Read(options, new ChatClientSettings(), client);

    private sealed class SomeTool : AITool;
}
