using MLNetLlm.Services;

namespace ChatService.OpenAi;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c></summary>
internal static class ModelsEndpoint
{
    private static readonly long Started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public static IResult List(LanguageModelHost host) => Results.Json(new ModelList([EntryOf(host)]), OpenAiJson.Default.ModelList);

    public static IResult Get(string id, LanguageModelHost host)
    {
        SamplingRules.RequireModel(id, host);
        return Results.Json(EntryOf(host), OpenAiJson.Default.ModelEntry);
    }

    private static ModelEntry EntryOf(LanguageModelHost host) => new(host.ModelId, Started, host.Scheduler.SlotCapacity);
}
