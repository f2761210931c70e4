using ChatService.OpenAi;
using MLNetLlm.Models;

namespace ChatService;

/// <summary>What a client is told about a request that failed, whatever shape its API gives that.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people.</param>
/// <param name="Parameter">The part of the request that is at fault.</param>
internal sealed record Failure(int Status, string Code, string Message, string? Parameter = null)
{
    private const int ClientClosedRequest = 499;

    /// <summary>Whether it makes sense to try again soon.</summary>
    public bool IsTemporary => Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    public static Failure Of(Exception exception) => exception switch
    {
        FailureException { Failure: var failure } => failure,
        SchedulerFullException full => TooManyRequests(full.Message),
        ServiceStoppingException stopping => new(StatusCodes.Status503ServiceUnavailable, "shutting_down", stopping.Message),
        TimeoutException timeout => new(StatusCodes.Status504GatewayTimeout, "timeout", timeout.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(StatusCodes.Status413PayloadTooLarge, "body_too_large", "The request's body is too large."),
        BadHttpRequestException bad => new(bad.StatusCode, "bad_request", bad.Message),
        OperationCanceledException => new(ClientClosedRequest, "client_closed_request", "The client has gone."),
        // What went wrong inside is for the log, not for clients.
        _ => new(StatusCodes.Status500InternalServerError, "internal_error", "The service failed; its log says why."),
    };

    public static Failure Invalid(string message, string? parameter = null) =>
        new(StatusCodes.Status400BadRequest, "invalid_value", message, parameter);

    public static Failure ContextTooShort(string message, string parameter) =>
        new(StatusCodes.Status400BadRequest, "context_length_exceeded", message, parameter);

    public static Failure Unsupported(string parameter, string supported) =>
        new(StatusCodes.Status400BadRequest, "unsupported_value", $"'{parameter}' is not supported here: {supported}.", parameter);

    public static Failure TooManyRequests(string message) =>
        new(StatusCodes.Status429TooManyRequests, "rate_limit_exceeded", message);
}

/// <summary>Ends a request with a failure.</summary>
internal sealed class FailureException(Failure failure) : Exception(failure.Message)
{
    public Failure Failure { get; } = failure;
}
