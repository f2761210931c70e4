using System.Diagnostics;
using System.Net.Http.Json;

namespace ChatService.Load;

/// <summary>A client that has one message after the other judged.</summary>
internal static class SpamLoad
{
    private static readonly string[] Messages =
    [
        "WINNER! You have been chosen for a 1000 pound prize. Call 09061701461 now to claim.",
        "Running late, save me a seat? I'll bring the coffee.",
        "FREE entry in our weekly draw! Text WIN to 80086 now. 150p per msg.",
        "Happy birthday! Hope the day is as lovely as you are.",
        "Can you pick up some milk on your way home please",
    ];

    public static async Task RunAsync(HttpClient http, int client, Measurements measurements, CancellationToken end)
    {
        for (var round = client; !end.IsCancellationRequested; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                using var response = await http.PostAsJsonAsync("api/spam", new { text = Messages[round % Messages.Length] }, end);
                await response.Content.ReadAsByteArrayAsync(end);
                if (response.IsSuccessStatusCode)
                {
                    measurements.Succeeded(begun);
                }
                else
                {
                    measurements.Failed($"status {(int)response.StatusCode}");
                }
            }
            catch (HttpRequestException exception)
            {
                measurements.Failed(exception.HttpRequestError.ToString());
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
