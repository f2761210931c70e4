using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using ChatService.OpenAi;

namespace ChatService;

/// <summary>Tells a client what failed: under <c>/v1</c> as OpenAI's API does, elsewhere as problem details (RFC 9457).</summary>
internal sealed partial class FailureWriter(ILogger<FailureWriter> logger) : IExceptionHandler
{
    private const string RetryAfterSeconds = "1";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var failure = Failure.Of(exception);
        if (failure.Status == StatusCodes.Status500InternalServerError)
        {
            Failed(logger, context.Request.Path, exception);
        }

        await WriteAsync(context, failure);
        return true;
    }

    public static Task WriteAsync(HttpContext context, Failure failure)
    {
        var response = context.Response;
        response.StatusCode = failure.Status;
        if (failure.IsTemporary)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return IsOpenAi(context)
            ? response.WriteAsJsonAsync(OpenAiError.Of(failure), OpenAiJson.Default.OpenAiError, contentType: null, context.RequestAborted)
            : Results.Problem(new ProblemDetails
            {
                Status = failure.Status,
                Detail = failure.Message,
                Extensions = { ["code"] = failure.Code },
            }).ExecuteAsync(context);
    }

    /// <summary>For answers that the framework gives without a body, such as 404 and 405.</summary>
    public static Task WriteStatusAsync(HttpContext context) => WriteAsync(context, context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(StatusCodes.Status404NotFound, "not_found", $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => new(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"{context.Request.Method} is not possible at {context.Request.Path}."),
        StatusCodes.Status413PayloadTooLarge => new(StatusCodes.Status413PayloadTooLarge, "body_too_large", "The request's body is too large."),
        StatusCodes.Status415UnsupportedMediaType => new(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The body must be JSON, with Content-Type: application/json."),
        var status => new(status, "error", $"The request failed with status {status}."),
    });

    private static bool IsOpenAi(HttpContext context) => context.Request.Path.StartsWithSegments("/v1");

    [LoggerMessage(LogLevel.Error, "The request to {Path} failed.")]
    private static partial void Failed(ILogger logger, string path, Exception exception);
}
