namespace ChatService.OpenAi;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c></summary>
internal static class ModelsEndpoint
{
    public static IResult List(ChatModel model) => Results.Json(new ModelList([EntryOf(model)]), OpenAiJson.Default.ModelList);

    public static IResult Get(string id, ChatModel model)
    {
        SamplingRules.RequireModel(id, model);
        return Results.Json(EntryOf(model), OpenAiJson.Default.ModelEntry);
    }

    private static ModelEntry EntryOf(ChatModel model) => new(model.Name, model.Loaded.ToUnixTimeSeconds(), model.ContextLength);
}
