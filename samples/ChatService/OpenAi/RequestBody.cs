using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChatService.OpenAi;

/// <summary>Reads a request's JSON; what is wrong with it is told by place.</summary>
internal static class RequestBody
{
    /// <exception cref="FailureException">The body is no JSON, or not of this kind.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large, or ended early.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new FailureException(new Failure(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The body must be JSON, with Content-Type: application/json."));
        }

        try
        {
            return await context.Request.ReadFromJsonAsync(type, context.RequestAborted)
                ?? throw new FailureException(Failure.Invalid("The body must be a JSON object, but is null."));
        }
        catch (JsonException exception)
        {
            throw new FailureException(new Failure(
                StatusCodes.Status400BadRequest, "invalid_json", $"The body is no valid request: {exception.Message}", PlaceOf(exception)));
        }
    }

    private static string? PlaceOf(JsonException exception) =>
        exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
}
