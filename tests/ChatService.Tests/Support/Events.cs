using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

/// <summary>Reads server-sent events line by line, independently of any client library.</summary>
internal static class Events
{
    public const string Done = "[DONE]";

    public static async IAsyncEnumerable<string> ReadAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return line["data: ".Length..];
            }
        }
    }

    public static async Task<List<string>> AllAsync(HttpResponseMessage response)
    {
        var events = new List<string>();
        await foreach (var data in ReadAsync(response))
        {
            events.Add(data);
        }

        return events;
    }

    public static JsonElement Parse(string data) => JsonDocument.Parse(data).RootElement;
}
