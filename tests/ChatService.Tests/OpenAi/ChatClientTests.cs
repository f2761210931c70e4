using System.ClientModel;
using MLNetLlm.Models;
using OpenAI.Chat;

namespace MLNetLlm.ChatService.Tests;

/// <summary>OpenAI's official client, unmodified, talks with the service.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class ChatClientTests(ServiceFixture fixture)
{
    private static readonly ChatMessage[] Hello = [new UserChatMessage("Hello")];

    private ChatClient Chat => fixture.Service.OpenAi().GetChatClient(RunningService.ModelId);

    [Fact]
    public async Task An_answer_comes_with_its_finish_reason_and_usage()
    {
        ChatCompletion completion = await Chat.CompleteChatAsync(Hello, Options(8));

        Assert.Equal(ChatMessageRole.Assistant, completion.Role);
        Assert.NotEmpty(completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Length, completion.FinishReason);
        Assert.Equal(RunningService.ModelId, completion.Model);
        Assert.StartsWith("chatcmpl-", completion.Id, StringComparison.Ordinal);
        Assert.Equal(8, completion.Usage.OutputTokenCount);
        Assert.True(completion.Usage.InputTokenCount > 4);
        Assert.Equal(completion.Usage.InputTokenCount + 8, completion.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task A_stream_brings_the_same_text_in_pieces_and_the_usage_at_its_end()
    {
        ChatCompletion whole = await Chat.CompleteChatAsync(Hello, Options(40));
        var updates = new List<StreamingChatCompletionUpdate>();
        await foreach (var update in Chat.CompleteChatStreamingAsync(Hello, Options(40)))
        {
            updates.Add(update);
        }

        Assert.Equal(whole.Content[0].Text, string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
        Assert.True(updates.Count > 10, $"It came in {updates.Count} pieces.");
        Assert.Equal(ChatMessageRole.Assistant, updates[0].Role);
        Assert.Equal(ChatFinishReason.Length, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
        Assert.Equal(40, updates[^1].Usage.OutputTokenCount);
        Assert.Single(updates.Select(update => update.CompletionId).Distinct());
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_text_and_another_seed_another()
    {
        var texts = new List<string>();
        foreach (var seed in new[] { 7, 7, 8 })
        {
            var options = Options(30);
            options.Temperature = 1.5f;
            options.Seed = seed;
            ChatCompletion completion = await Chat.CompleteChatAsync(Hello, options);
            texts.Add(completion.Content[0].Text);
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_answer_before_it()
    {
        ChatCompletion whole = await Chat.CompleteChatAsync(Hello, Options(60));
        var text = whole.Content[0].Text;
        var stop = text.Substring(text.Length / 2, 3);
        var options = Options(60);
        options.StopSequences.Add(stop);

        ChatCompletion stopped = await Chat.CompleteChatAsync(Hello, options);

        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], stopped.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public async Task Log_probabilities_come_with_every_token()
    {
        var options = Options(5);
        options.IncludeLogProbabilities = true;
        options.TopLogProbabilityCount = 3;

        ChatCompletion completion = await Chat.CompleteChatAsync(Hello, options);

        Assert.Equal(5, completion.ContentTokenLogProbabilities.Count);
        foreach (var token in completion.ContentTokenLogProbabilities)
        {
            Assert.True(token.LogProbability <= 0);
            Assert.Equal(3, token.TopLogProbabilities.Count);
            Assert.Equal(token.LogProbability, token.TopLogProbabilities.Max(top => top.LogProbability), 5);
        }
    }

    [Fact]
    public async Task A_logit_bias_makes_a_token_certain()
    {
        var token = TextTokenizer.Load(fixture.Models.Checkpoint).Encode("w").Single();
        var options = Options(3);
        options.LogitBiases[token] = 100;

        ChatCompletion completion = await Chat.CompleteChatAsync(Hello, options);

        Assert.Equal("www", completion.Content[0].Text);
    }

    [Fact]
    public async Task A_conversation_with_instructions_and_earlier_turns_is_read()
    {
        ChatCompletion completion = await Chat.CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("Hello"), new AssistantChatMessage("Hi."), new UserChatMessage("And?")], Options(4));
        ChatCompletion shorter = await Chat.CompleteChatAsync([new UserChatMessage("And?")], Options(4));

        Assert.True(completion.Usage.InputTokenCount > shorter.Usage.InputTokenCount + 10);
    }

    [Fact]
    public async Task An_unknown_model_is_not_found()
    {
        var chat = fixture.Service.OpenAi().GetChatClient("gpt-7");

        var exception = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync(Hello));

        Assert.Equal(404, exception.Status);
        Assert.Contains("'gpt-7'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("model_not_found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_model_cannot_do_is_refused_by_name()
    {
        var options = Options(4);
        options.ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat();
        var format = await Assert.ThrowsAsync<ClientResultException>(() => Chat.CompleteChatAsync(Hello, options));
        options = Options(4);
        options.Tools.Add(ChatTool.CreateFunctionTool("weather"));
        var tools = await Assert.ThrowsAsync<ClientResultException>(() => Chat.CompleteChatAsync(Hello, options));
        var image = await Assert.ThrowsAsync<ClientResultException>(() => Chat.CompleteChatAsync(
            [new UserChatMessage(ChatMessageContentPart.CreateImagePart(new Uri("http://localhost/cat.png")))]));

        Assert.All([format, tools, image], exception => Assert.Equal(400, exception.Status));
        Assert.Contains("response_format", format.Message, StringComparison.Ordinal);
        Assert.Contains("tools", tools.Message, StringComparison.Ordinal);
        Assert.Contains("image_url", image.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_stream_is_an_error_with_a_status()
    {
        var options = Options(4);
        options.Tools.Add(ChatTool.CreateFunctionTool("weather"));

        var exception = await Assert.ThrowsAsync<ClientResultException>(async () =>
        {
            await foreach (var _ in Chat.CompleteChatStreamingAsync(Hello, options))
            {
                Assert.Fail("There was something to read.");
            }
        });

        Assert.Equal(400, exception.Status);
    }

    private static ChatCompletionOptions Options(int tokens) => new() { Temperature = 0, MaxOutputTokenCount = tokens };
}
