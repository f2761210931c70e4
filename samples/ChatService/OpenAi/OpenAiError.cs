using System.Text.Json.Serialization;

namespace ChatService.OpenAi;

/// <summary>An error as OpenAI's API writes it.</summary>
internal sealed record OpenAiError(OpenAiErrorBody Error)
{
    /// <summary>Those that every endpoint may answer with.</summary>
    public static IReadOnlyList<int> Statuses { get; } =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status404NotFound, StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable, StatusCodes.Status504GatewayTimeout,
    ];

    public static OpenAiError Of(Failure failure) =>
        new(new OpenAiErrorBody(failure.Message, TypeOf(failure.Status), failure.Parameter, failure.Code));

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}

/// <param name="Message">For people.</param>
/// <param name="Type">Kind of error.</param>
/// <param name="Param">Part of the request that is at fault.</param>
/// <param name="Code">For programs.</param>
internal sealed record OpenAiErrorBody(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
