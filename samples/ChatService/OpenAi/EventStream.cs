using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChatService.OpenAi;

/// <summary>
/// Server-sent events as OpenAI's API sends them: a JSON object each, and <c>[DONE]</c> at the end. Where a text fails midway, an
/// error object comes before the end, so that clients can tell.
/// </summary>
internal sealed partial class EventStream(ILogger<EventStream> logger)
{
    private const string Done = "[DONE]";

    /// <summary>Waits for the first event: what fails before it is an error with a status, not a stream.</summary>
    public async Task<IResult> StartAsync<T>(IAsyncEnumerable<T> events, JsonTypeInfo<T> type, CancellationToken clientGone)
    {
        var reader = events.GetAsyncEnumerator(clientGone);
        try
        {
            var hasFirst = await reader.MoveNextAsync();
            return TypedResults.ServerSentEvents(TextsAsync(reader, hasFirst, type, clientGone));
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private async IAsyncEnumerable<string> TextsAsync<T>(
        IAsyncEnumerator<T> reader, bool hasEvent, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken clientGone)
    {
        await using var end = reader;
        Failure? failure = null;
        while (hasEvent)
        {
            yield return JsonSerializer.Serialize(reader.Current, type);
            try
            {
                hasEvent = await reader.MoveNextAsync();
            }
            catch (Exception exception) when (!clientGone.IsCancellationRequested)
            {
                failure = Failure.Of(exception);
                BrokeOff(logger, failure.Message, exception);
                break;
            }
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
