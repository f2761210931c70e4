using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

/// <summary>Requests that are wrong get an error that says what is, in the shape of their API.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class BadRequestTests(ServiceFixture fixture)
{
    private const string Chat = "/v1/chat/completions";

    private RunningService Service => fixture.Service;

    [Theory]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"n":2}""", "n")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"temperature":3}""", "temperature")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"top_p":1.5}""", "top_p")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"max_completion_tokens":-1}""", "max_completion_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"presence_penalty":9}""", "presence_penalty")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"frequency_penalty":-9}""", "frequency_penalty")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"stop":["a","b","c","d","e"]}""", "stop")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"stop":""}""", "stop")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"top_logprobs":3}""", "top_logprobs")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"logit_bias":{"x":1}}""", "logit_bias")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"logit_bias":{"5":101}}""", "logit_bias")]
    [InlineData("""{"model":"tiny","messages":[]}""", "messages")]
    [InlineData("""{"model":"tiny"}""", "messages")]
    [InlineData("""{"model":"tiny","messages":[null]}""", "messages[0]")]
    [InlineData("""{"model":"tiny","messages":[{"content":"a"}]}""", "messages[0]")]
    [InlineData("""{"model":"tiny","messages":[{"role":"wizard","content":"a"}]}""", "messages[0]")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":" "}]}""", "messages[0]")]
    [InlineData("""{"model":"tiny","messages":[{"role":"assistant","content":"a"}]}""", "messages")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"user","content":"c"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}""", "model")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"a"}],"temperature":"warm"}""", "temperature")]
    public async Task A_wrong_setting_is_named(string json, string parameter)
    {
        var (status, error) = await ErrorOfAsync(json);

        Assert.Equal(400, status);
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"model":"tiny","model":"tiny"}""")]
    [InlineData("""{"model":"tiny","messages":"a"}""")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":7}]}""")]
    public async Task What_is_no_such_request_is_refused(string json)
    {
        var (status, error) = await ErrorOfAsync(json);

        Assert.Equal(400, status);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused_before_it_is_read()
    {
        using var response = await Service.Http.PostAsync(Chat, new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded"));

        Assert.Equal(415, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData("/api/spam")]
    public async Task A_huge_body_is_refused_before_it_is_sent(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = HugeBody(), Headers = { ExpectContinue = true } };

        using var response = await Service.Http.SendAsync(request);

        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_huge_body_that_is_sent_all_the_same_harms_nobody()
    {
        try
        {
            using var response = await Service.Http.PostAsync(Chat, HugeBody());
            Assert.Equal(413, (int)response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The service has hung up while the client was still talking.
        }

        Assert.Equal(200, (await Service.PostForJsonAsync(Chat, RunningService.Chat(2))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_that_is_too_long_is_refused_with_the_code_that_clients_know(bool stream)
    {
        using var response = await Service.StreamAsync(Chat, RunningService.Chat(8, stream, string.Concat(Enumerable.Repeat("the meeting ", 4000))));
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Matches(@"\d+ tokens", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task More_tokens_than_are_allowed_become_as_many_as_are_allowed()
    {
        await using var strict = await RunningService.StartAsync(fixture.Models, ("LanguageModel:MaximumOutputTokens", "5"), ("LanguageModel:DefaultOutputTokens", "5"));

        var (_, body) = await strict.PostForJsonAsync(Chat, RunningService.Chat(5000));

        Assert.Equal(5, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("GET", Chat, 405)]
    public async Task There_are_errors_of_the_api_where_nothing_is(string method, string path, int expected)
    {
        using var response = await Service.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(expected, (int)response.StatusCode);
        Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
    }

    private static StringContent HugeBody() => new($$"""{"text":"{{new string('a', 2_000_000)}}"}""", Encoding.UTF8, "application/json");

    private async Task<(int Status, JsonElement Error)> ErrorOfAsync(string json)
    {
        using var response = await Service.PostAsync(Chat, json);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return ((int)response.StatusCode, body.GetProperty("error"));
    }
}
