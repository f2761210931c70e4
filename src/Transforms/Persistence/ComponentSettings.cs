using System.Text.Json;
using System.Text.Json.Serialization;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>The small JSON file that goes into the zip beside the model: column names and what else <c>Transform</c> needs.</summary>
internal static class ComponentSettings
{
    private const string FileName = "transform.json";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() }, RespectNullableAnnotations = true };

    public static void Write<T>(ICheckpointStore store, T settings) =>
        store.Write(FileName, stream => JsonSerializer.Serialize(stream, settings, Format));

    public static T Read<T>(ICheckpointStore store) where T : class
    {
        T? settings = null;
        bool found = store.TryRead(FileName, stream =>
        {
            try
            {
                settings = JsonSerializer.Deserialize<T>(stream, Format);
            }
            catch (JsonException exception)
            {
                throw new FormatException($"{store.Describe(FileName)} is damaged: {exception.Message}", exception);
            }
        });
        if (!found)
            throw new FormatException($"{store.Describe(FileName)} is missing.");
        return settings ?? throw new FormatException($"{store.Describe(FileName)} is empty.");
    }
}
