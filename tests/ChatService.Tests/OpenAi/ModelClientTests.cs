using System.ClientModel;
using OpenAI.Models;

namespace MLNetLlm.ChatService.Tests;

[Collection(nameof(ServiceCollection))]
public sealed class ModelClientTests(ServiceFixture fixture)
{
    private OpenAIModelClient Client => fixture.Service.OpenAi().GetOpenAIModelClient();

    [Fact]
    public async Task The_model_is_listed_and_described()
    {
        OpenAIModelCollection models = await Client.GetModelsAsync();
        OpenAIModel model = await Client.GetModelAsync(RunningService.ModelId);

        Assert.Equal(RunningService.ModelId, Assert.Single(models).Id);
        Assert.Equal("mlnetllm", model.OwnedBy);
    }

    [Fact]
    public async Task Another_model_is_not_found()
    {
        var exception = await Assert.ThrowsAsync<ClientResultException>(() => Client.GetModelAsync("gpt-7"));

        Assert.Equal(404, exception.Status);
    }
}
