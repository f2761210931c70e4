using System.Diagnostics;
using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Chat;

public sealed class TraceSpecifications : IDisposable
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "the dog")];
    private readonly LanguageModel model = TestModels.Replying(TestModels.PromptTokens(ChatTurn.User("the dog")), "the cat");
    private readonly IChatClient client;

    public TraceSpecifications() => client = model.AsChatClient(TestModels.Template, new ChatClientSettings { ModelId = "small" });

    public void Dispose()
    {
        client.Dispose();
        model.Dispose();
    }

    [Fact]
    public async Task A_reply_is_a_span_with_what_was_asked_and_what_came_of_it()
    {
        using var spans = new Spans();

        var response = await client.GetResponseAsync(
            Question, new ChatOptions { Temperature = 0, TopP = 0.5f, TopK = 3, MaxOutputTokens = 9, Seed = 4, FrequencyPenalty = 0.25f, PresencePenalty = 0.5f });

        var span = spans.Single();
        Assert.Equal("chat small", span.DisplayName);
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("mlnetllm", span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("small", span.GetTagItem("gen_ai.request.model"));
        Assert.Equal("small", span.GetTagItem("gen_ai.response.model"));
        Assert.Equal(response.ResponseId, span.GetTagItem("gen_ai.response.id"));
        Assert.Equal(9, span.GetTagItem("gen_ai.request.max_tokens"));
        Assert.Equal(0.5, span.GetTagItem("gen_ai.request.top_p"));
        Assert.Equal(3, span.GetTagItem("gen_ai.request.top_k"));
        Assert.Equal(4L, span.GetTagItem("gen_ai.request.seed"));
        Assert.Equal(0.25, span.GetTagItem("gen_ai.request.frequency_penalty"));
        Assert.Equal(0.5, span.GetTagItem("gen_ai.request.presence_penalty"));
        Assert.Equal(0.0, span.GetTagItem("gen_ai.request.temperature"));
        Assert.Equal("text", span.GetTagItem("gen_ai.output.type"));
        Assert.Equal(["stop"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));
        Assert.Equal((int)response.Usage!.InputTokenCount!, span.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal((int)response.Usage.OutputTokenCount!, span.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("the dog", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_streams_span_lasts_to_its_end_and_leaves_the_readers_own_alone()
    {
        using var spans = new Spans();

        await foreach (var update in client.GetStreamingResponseAsync(Question))
        {
            Assert.Same(spans.Parent, Activity.Current);
            Assert.Equal(0, spans.Count);
        }

        Assert.Same(spans.Parent, Activity.Current);
        Assert.Equal(["stop"], Assert.IsType<string[]>(spans.Single().GetTagItem("gen_ai.response.finish_reasons")));
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_to_its_end_is_cancelled()
    {
        using var spans = new Spans();

        await foreach (var update in client.GetStreamingResponseAsync(Question))
        {
            break;
        }

        Assert.Equal(ActivityStatusCode.Error, spans.Single().Status);
        Assert.Equal("System.OperationCanceledException", spans.Single().GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_refused_request_is_a_failed_span()
    {
        using var random = TestModels.Random();
        var scheduler = new GenerationScheduler(random);
        await scheduler.DisposeAsync();
        using var chat = scheduler.AsChatClient(TestModels.Template);
        using var spans = new Spans();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetResponseAsync(Question));

        Assert.Equal("System.ObjectDisposedException", spans.Single().GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, spans.Single().Status);
    }
}
