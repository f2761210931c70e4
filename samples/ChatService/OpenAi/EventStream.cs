using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChatService.OpenAi;

/// <summary>
/// Server-sent events as OpenAI's API sends them: a JSON object each, and <c>[DONE]</c> at the end. Where a text fails midway, an
/// error object comes before the end, so that clients can tell.
/// </summary>
internal static partial class EventStream
{
    private const string Done = "[DONE]";

    public static IResult Of<T>(HttpContext context, IAsyncEnumerable<T> events, JsonTypeInfo<T> type, ILogger logger) =>
        TypedResults.ServerSentEvents(TextsAsync(context, events, type, logger));

    private static async IAsyncEnumerable<string> TextsAsync<T>(HttpContext context, IAsyncEnumerable<T> events, JsonTypeInfo<T> type, ILogger logger)
    {
        await using var reader = events.GetAsyncEnumerator(context.RequestAborted);
        Failure? failure = null;
        while (failure is null)
        {
            try
            {
                if (!await reader.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
            {
                failure = Failure.Of(exception);
                BrokeOff(logger, failure.Message, exception);
                continue;
            }

            yield return JsonSerializer.Serialize(reader.Current, type);
        }

        if (failure is not null)
        {
            yield return JsonSerializer.Serialize(OpenAiError.Of(failure), OpenAiJson.Default.OpenAiError);
        }

        yield return Done;
    }

    [LoggerMessage(LogLevel.Warning, "A stream broke off: {Reason}")]
    private static partial void BrokeOff(ILogger logger, string reason, Exception exception);
}
