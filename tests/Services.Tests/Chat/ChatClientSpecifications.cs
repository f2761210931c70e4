using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Chat;

public sealed class ChatClientSpecifications : IDisposable
{
    private const string Reply = "the cat sat on the mat";
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "the dog")];
    private static readonly int QuestionTokens = TestModels.PromptTokens(ChatTurn.User("the dog"));

    private readonly LanguageModel model = TestModels.Replying(QuestionTokens, Reply);
    private readonly IChatClient client;

    public ChatClientSpecifications() => client = model.AsChatClient(TestModels.Template, new ChatClientSettings { ModelId = "small" });

    public void Dispose()
    {
        client.Dispose();
        model.Dispose();
    }

    [Fact]
    public async Task A_response_has_text_reason_usage_and_the_models_name()
    {
        var response = await client.GetResponseAsync(Question);

        Assert.Equal(Reply, response.Text);
        Assert.Equal(ChatRole.Assistant, response.Messages.Single().Role);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(QuestionTokens, response.Usage!.InputTokenCount);
        Assert.Equal(TestModels.Tokenizer.Encode(Reply).Length, response.Usage.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + response.Usage.OutputTokenCount, response.Usage.TotalTokenCount);
        Assert.Equal("small", response.ModelId);
        Assert.NotNull(response.ResponseId);
        Assert.NotEqual(response.ResponseId, (await client.GetResponseAsync(Question)).ResponseId);
        Assert.Null(response.AdditionalProperties);
        Assert.Equal(FinishReason.StopToken, Assert.IsType<GeneratedText>(response.RawRepresentation).FinishReason);
    }

    [Fact]
    public async Task A_streamed_response_comes_in_pieces_and_ends_with_reason_and_usage()
    {
        var updates = await client.GetStreamingResponseAsync(Question).ToListAsync();

        Assert.True(updates.Count > 3);
        Assert.Equal(Reply, string.Concat(updates.Select(update => update.Text)));
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.All(updates, update => Assert.Equal("small", update.ModelId));
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        var usage = updates[^1].Contents.OfType<UsageContent>().Single().Details;
        Assert.Equal(QuestionTokens, usage.InputTokenCount);
        Assert.Equal(TestModels.Tokenizer.Encode(Reply).Length, usage.OutputTokenCount);
    }

    [Fact]
    public async Task The_pieces_put_together_by_the_framework_are_the_response()
    {
        var streamed = await client.GetStreamingResponseAsync(Question).ToChatResponseAsync();
        var whole = await client.GetResponseAsync(Question);

        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal(whole.FinishReason, streamed.FinishReason);
        Assert.Equal(whole.Usage!.TotalTokenCount, streamed.Usage!.TotalTokenCount);
        Assert.Single(streamed.Messages);
    }

    [Fact]
    public async Task The_limit_of_tokens_ends_a_reply_with_length()
    {
        var response = await client.GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 2 });

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(2, response.Usage!.OutputTokenCount);
        Assert.StartsWith(response.Text, Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_request_gets_more_tokens_than_the_settings_allow()
    {
        using var limited = model.AsChatClient(TestModels.Template, new ChatClientSettings { MaximumOutputTokens = 3 });

        var response = await limited.GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 100 });

        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task A_stop_sequence_ends_a_reply_and_is_no_part_of_it()
    {
        var response = await client.GetResponseAsync(Question, new ChatOptions { StopSequences = [" sat"] });

        Assert.Equal("the cat", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task The_contexts_end_ends_a_reply_with_length()
    {
        using var random = TestModels.Random(contextLength: 64);
        using var endless = random.AsChatClient(TestModels.Template);

        var response = await endless.GetResponseAsync([new ChatMessage(ChatRole.User, "a")], new ChatOptions { RawRepresentationFactory = _ => NeverEnding });

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.True(response.Usage!.TotalTokenCount is 64 or 65, $"{response.Usage.TotalTokenCount} tokens");
    }

    [Fact]
    public async Task The_same_seed_writes_the_same_and_another_something_else()
    {
        using var random = TestModels.Random();
        using var chat = random.AsChatClient(TestModels.Template);

        async Task<string> Reply(long seed) => (await chat.GetResponseAsync(
            Question, new ChatOptions { Temperature = 1, Seed = seed, MaxOutputTokens = 16, RawRepresentationFactory = _ => NeverEnding })).Text;

        Assert.Equal(await Reply(1), await Reply(1));
        Assert.NotEqual(await Reply(1), await Reply(2));
    }

    [Fact]
    public async Task Cancelling_ends_the_reply_and_frees_the_slot()
    {
        using var random = TestModels.Random();
        await using var scheduler = new GenerationScheduler(random, new GenerationSchedulerOptions { SlotCount = 1 });
        using var chat = scheduler.AsChatClient(TestModels.Template);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in chat.GetStreamingResponseAsync(Question, Long, cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });

        // The one slot is free: another reply is written to its end.
        Assert.Equal(2, (await chat.GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 2, RawRepresentationFactory = _ => NeverEnding })).Usage!.OutputTokenCount);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chat.GetResponseAsync(Question, Long, cancellation.Token));
    }

    [Fact]
    public async Task A_shutdown_ends_a_reply_cleanly_and_says_so()
    {
        using var random = TestModels.Random(contextLength: 2048);
        var scheduler = new GenerationScheduler(random);
        using var chat = scheduler.AsChatClient(TestModels.Template);
        var updates = new List<ChatResponseUpdate>();

        await foreach (var update in chat.GetStreamingResponseAsync(Question, new ChatOptions { MaxOutputTokens = 1900, RawRepresentationFactory = _ => NeverEnding }))
        {
            if (updates.Count == 0)
            {
                await scheduler.DisposeAsync();
            }

            updates.Add(update);
        }

        Assert.Equal(FinishReasons.Cancelled, updates[^1].FinishReason);
        Assert.NotNull(updates[^1].Contents.OfType<UsageContent>().SingleOrDefault());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetResponseAsync(Question));
    }

    [Fact]
    public async Task A_full_queue_refuses_a_stream_at_its_first_read_and_a_response_at_once()
    {
        using var random = TestModels.Random(contextLength: 2048);
        await using var scheduler = new GenerationScheduler(random, new GenerationSchedulerOptions { SlotCount = 1, QueueCapacity = 0 });
        using var chat = scheduler.AsChatClient(TestModels.Template);
        await using var running = chat.GetStreamingResponseAsync(
            Question, new ChatOptions { MaxOutputTokens = 1900, RawRepresentationFactory = _ => NeverEnding }).GetAsyncEnumerator();
        await running.MoveNextAsync();

        var second = chat.GetStreamingResponseAsync(Question, Long);

        await Assert.ThrowsAsync<SchedulerFullException>(async () => await second.GetAsyncEnumerator().MoveNextAsync());
        await Assert.ThrowsAsync<SchedulerFullException>(() => chat.GetResponseAsync(Question, Long));
    }

    [Fact]
    public async Task Many_chats_at_once_get_what_each_gets_alone()
    {
        using var random = TestModels.Random();
        await using var scheduler = new GenerationScheduler(random, new GenerationSchedulerOptions { SlotCount = 4 });
        using var chat = scheduler.AsChatClient(TestModels.Template);
        Task<ChatResponse> Ask(int number) => chat.GetResponseAsync(
            [new ChatMessage(ChatRole.User, $"number {number}")], new ChatOptions { MaxOutputTokens = 8, Seed = number, Temperature = 1 });
        var alone = new List<string>();
        for (var number = 0; number < 12; number++)
        {
            alone.Add((await Ask(number)).Text);
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 12).Select(Ask));

        Assert.Equal(alone, together.Select(response => response.Text));
    }

    [Fact]
    public void Its_parts_and_metadata_can_be_had()
    {
        var metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal("small", metadata.DefaultModelId);
        Assert.Equal("mlnetllm", metadata.ProviderName);
        Assert.Same(model, client.GetService<LanguageModel>());
        Assert.Same(model, client.GetService<GenerationScheduler>()!.Model);
        Assert.Equal("ChatML", client.GetService<ChatTemplate>()!.Name);
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<LanguageModel>("key"));
        Assert.Null(client.GetService<string>());
    }

    [Fact]
    public void What_does_not_fit_is_refused_when_the_client_is_made()
    {
        Assert.Contains("<|end|>", Assert.Throws<ArgumentException>(() => model.AsChatClient(ChatTemplate.Phi3 with { SpecialTokens = ["<|end|>"] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.AsChatClient(TestModels.Template, new ChatClientSettings { ModelId = " " }));
        Assert.Throws<ArgumentException>(() => model.AsChatClient(TestModels.Template, new ChatClientSettings { MaximumOutputTokens = 0 }));
        using var bert = TestModels.Bert();
        Assert.Throws<NotSupportedException>(() => bert.AsChatClient(TestModels.Template));
    }

    private static ChatOptions Long => new() { MaxOutputTokens = 60, RawRepresentationFactory = _ => NeverEnding };

    /// <summary>No token that would end a reply is ever likely.</summary>
    private static GenerationOptions NeverEnding { get; } = new()
    {
        StopAtEndOfText = false,
        MaximumNewTokens = 10_000,
        LogitBias = TestModels.Tokenizer.SpecialTokens.Values.ToDictionary(id => id, _ => -100.0),
    };
}
