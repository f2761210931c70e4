using System.Diagnostics;
using System.Net.Http.Json;

namespace ChatService.Load;

/// <summary>A client that has one answer after the other streamed.</summary>
internal static class ChatLoad
{
    public const string Model = "load";

    private const string Done = "data: [DONE]";
    private const string TokenMark = "\"content\":\"";
    private const string ErrorMark = "data: {\"error\"";

    private static readonly string[] Questions =
    [
        "Name a fruit.", "Rewrite the sentence in the past tense: The cat sleeps.", "What is the capital of France?",
        "Give a synonym for 'happy'.", "Explain why the sky is blue.", "Convert 5 kilometers to meters.",
    ];

    public static async Task RunAsync(HttpClient http, int client, int maximumTokens, Measurements measurements, CancellationToken end)
    {
        for (var round = client; !end.IsCancellationRequested; round++)
        {
            try
            {
                await AskAsync(http, Questions[round % Questions.Length], round, maximumTokens, measurements, end);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException && !end.IsCancellationRequested)
            {
                measurements.Failed(exception.Message);
            }
            catch (Exception) when (end.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static async Task AskAsync(HttpClient http, string question, int seed, int maximumTokens, Measurements measurements, CancellationToken end)
    {
        var begun = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = Model,
                messages = new[] { new { role = "user", content = question } },
                temperature = 0.8,
                seed,
                max_tokens = maximumTokens,
                stream = true,
            }),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end);
        if (!response.IsSuccessStatusCode)
        {
            measurements.Failed($"status {(int)response.StatusCode}");
            return;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(end));
        var (isFirst, isDone) = (true, false);
        while (await reader.ReadLineAsync(end) is { } line)
        {
            if (line.StartsWith(ErrorMark, StringComparison.Ordinal))
            {
                measurements.Failed(line);
                return;
            }

            isDone |= line == Done;
            // Each chunk with text is a token; the first, which names the role, has none.
            var mark = line.IndexOf(TokenMark, StringComparison.Ordinal);
            if (mark < 0 || line[mark + TokenMark.Length] == '"')
            {
                continue;
            }

            measurements.Token();
            if (isFirst)
            {
                measurements.FirstToken(begun);
                isFirst = false;
            }
        }

        if (isDone)
        {
            measurements.Succeeded(begun);
        }
        else
        {
            measurements.Failed("the stream ended early");
        }
    }
}
