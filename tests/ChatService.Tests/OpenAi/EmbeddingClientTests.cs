using System.ClientModel;
using OpenAI.Embeddings;

namespace MLNetLlm.ChatService.Tests;

[Collection(nameof(ServiceCollection))]
public sealed class EmbeddingClientTests(ServiceFixture fixture)
{
    private EmbeddingClient Embeddings => fixture.Service.OpenAi().GetEmbeddingClient(RunningService.ModelId);

    [Fact]
    public async Task Each_text_gets_a_vector_of_length_one_in_order()
    {
        OpenAIEmbeddingCollection both = await Embeddings.GenerateEmbeddingsAsync(["win a free prize", "see you at home"]);
        OpenAIEmbedding second = await Embeddings.GenerateEmbeddingAsync("see you at home");

        Assert.Equal(2, both.Count);
        Assert.All(both, embedding => Assert.Equal(1, embedding.ToFloats().ToArray().Sum(value => value * value), 3));
        Assert.Equal(second.ToFloats().ToArray(), both[1].ToFloats().ToArray(), (left, right) => Math.Abs(left - right) < 1e-4);
        Assert.True(both.Usage.InputTokenCount > 2);
    }

    [Fact]
    public async Task Numbers_and_base64_are_the_same_vector()
    {
        OpenAIEmbedding encoded = await Embeddings.GenerateEmbeddingAsync("see you");

        var (status, body) = await fixture.Service.PostForJsonAsync("/v1/embeddings", new { model = RunningService.ModelId, input = "see you", encoding_format = "float" });

        Assert.Equal(200, status);
        var numbers = body.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle()).ToArray();
        Assert.Equal(encoded.ToFloats().ToArray(), numbers, (left, right) => Math.Abs(left - right) < 1e-4);
    }

    [Fact]
    public async Task Other_dimensions_are_refused()
    {
        var exception = await Assert.ThrowsAsync<ClientResultException>(
            () => Embeddings.GenerateEmbeddingAsync("see you", new EmbeddingGenerationOptions { Dimensions = 7 }));

        Assert.Equal(400, exception.Status);
        Assert.Contains("dimensions", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"tiny"}""")]
    [InlineData("""{"model":"tiny","input":[]}""")]
    [InlineData("""{"model":"tiny","input":""}""")]
    [InlineData("""{"model":"tiny","input":[1,2]}""")]
    [InlineData("""{"model":"tiny","input":"a","encoding_format":"hex"}""")]
    public async Task What_is_no_text_is_refused(string json)
    {
        using var response = await fixture.Service.PostAsync("/v1/embeddings", json);

        Assert.Equal(400, (int)response.StatusCode);
    }
}
