using Microsoft.Extensions.ML;
using SpamFilter;
using ChatService.OpenAi;

namespace ChatService;

/// <param name="Text">The message to judge.</param>
internal sealed record SpamRequest(string? Text);

/// <param name="IsSpam">The verdict.</param>
/// <param name="Probability">Of being spam, 0 to 1.</param>
internal sealed record SpamVerdict(bool IsSpam, float Probability);

/// <summary><c>POST /api/spam</c></summary>
internal static class SpamEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, PredictionEnginePool<Message, Verdict> pool)
    {
        var request = await RequestBody.ReadAsync(context, ServiceJson.Default.SpamRequest);
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            throw new FailureException(Failure.Invalid("'text' must hold the message to judge.", "text"));
        }

        var verdict = pool.Predict(new Message { Text = request.Text });
        return Results.Json(new SpamVerdict(verdict.PredictedLabel, verdict.Probability), ServiceJson.Default.SpamVerdict);
    }
}
