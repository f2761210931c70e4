using System.Net.Http.Json;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

/// <summary><c>/v1/completions</c>, for which OpenAI's client has no class any more.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class CompletionsTests(ServiceFixture fixture)
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task A_text_is_continued()
    {
        var (status, body) = await Service.PostForJsonAsync("/v1/completions", Request(prompt: "win a free"));

        Assert.Equal(200, status);
        Assert.Equal("text_completion", body.GetProperty("object").GetString());
        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(6, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.NotEmpty(TextOf(body));
    }

    [Fact]
    public async Task Token_ids_and_an_array_with_one_text_are_prompts_too()
    {
        var ids = Models.TextTokenizer.Load(fixture.Models.Checkpoint).Encode("win a free");

        var (_, fromText) = await Service.PostForJsonAsync("/v1/completions", Request(prompt: "win a free"));
        var (_, fromArray) = await Service.PostForJsonAsync("/v1/completions", Request(prompt: new[] { "win a free" }));
        var (_, fromIds) = await Service.PostForJsonAsync("/v1/completions", Request(prompt: ids));

        Assert.Equal(TextOf(fromText), TextOf(fromArray));
        Assert.Equal(TextOf(fromText), TextOf(fromIds));
    }

    [Fact]
    public async Task A_stream_brings_the_same_text_with_log_probabilities()
    {
        var (_, whole) = await Service.PostForJsonAsync("/v1/completions", Request(prompt: "win a free"));
        using var response = await Service.StreamAsync("/v1/completions", Request(prompt: "win a free", stream: true));
        var events = await Events.AllAsync(response);

        Assert.Equal(Events.Done, events[^1]);
        var chunks = events.SkipLast(1).Select(Events.Parse).ToArray();
        Assert.Equal(TextOf(whole), string.Concat(chunks.Where(chunk => chunk.GetProperty("choices").GetArrayLength() > 0).Select(TextOf)));
        var whatWhole = whole.GetProperty("choices")[0].GetProperty("logprobs");
        var tokens = chunks.Where(chunk => chunk.GetProperty("choices").GetArrayLength() > 0)
            .SelectMany(chunk => chunk.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal(whatWhole.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()), tokens);
        Assert.Equal(6, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"model":"tiny","prompt":["a","b"]}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":[99999]}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":{}}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":"a","echo":true}""", "echo")]
    [InlineData("""{"model":"tiny","prompt":"a","best_of":3}""", "best_of")]
    [InlineData("""{"model":"tiny","prompt":"a","suffix":"b"}""", "suffix")]
    [InlineData("""{"model":"tiny","prompt":"a","logprobs":9}""", "logprobs")]
    public async Task What_cannot_be_done_is_refused_by_name(string json, string parameter)
    {
        using var response = await Service.PostAsync("/v1/completions", json);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    private static object Request(object prompt, bool stream = false) => new
    {
        model = RunningService.ModelId,
        prompt,
        max_tokens = 6,
        temperature = 0,
        logprobs = 2,
        stream,
        stream_options = stream ? new { include_usage = true } : null,
    };

    private static string TextOf(JsonElement body) => body.GetProperty("choices")[0].GetProperty("text").GetString()!;
}
