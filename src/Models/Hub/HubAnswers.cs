using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>What an answer without success means, in words that say what to do.</summary>
internal sealed partial class HubAnswers(HubOptions options, string repository)
{
    /// <summary>The error that an answer stands for.</summary>
    /// <param name="response">An answer without success.</param>
    /// <param name="file">The file that was asked for; <see langword="null"/> for the list of files.</param>
    /// <returns>A <see cref="HubTransientFailure"/> or a <see cref="HubException"/>.</returns>
    public Exception Explain(HubResponse response, string? file)
    {
        var message = response.Message;
        var status = message.StatusCode;
        var subject = file is null ? $"'{repository}'" : $"'{file}' of '{repository}'";
        if (!response.IsFromHub || (int)status is 408 or 429 or 500 or 502 or 503 or 504)
        {
            return new HubTransientFailure($"'{response.Host}' answers {(int)status} ({status}) to the request for {subject}.", FindPause(message));
        }

        var code = HubHeaders.Find(message, "X-Error-Code");
        return (code, status) switch
        {
            ("GatedRepo", _) => new HubException(HubFailure.AccessDenied, Gated()),
            ("RepoNotFound", HttpStatusCode.NotFound) => new HubException(HubFailure.NotFound, NoRepository()),
            ("RevisionNotFound", _) => new HubException(HubFailure.NotFound, $"'{repository}' at {options.Endpoint} has no revision '{options.Revision}'."),
            ("EntryNotFound", _) => new HubException(HubFailure.NotFound, $"{subject} at {options.Endpoint} is not there in revision '{options.Revision}'."),
            (_, HttpStatusCode.Unauthorized) => new HubException(HubFailure.AccessDenied, Unauthorized()),
            (_, HttpStatusCode.Forbidden) => new HubException(HubFailure.AccessDenied, Gated()),
            (_, HttpStatusCode.NotFound) when file is not null =>
                new HubException(HubFailure.NotFound, $"{subject} at {options.Endpoint} is not there in revision '{options.Revision}', though the list of files names it."),
            (_, HttpStatusCode.NotFound) => new HubException(HubFailure.NotFound, $"{NoRepository()} Or it has no revision '{options.Revision}'."),
            _ => new HubException(HubFailure.Unreachable, $"'{response.Host}' answers {(int)status} ({status}) to the request for {subject}; expected success."),
        };
    }

    private string NoRepository() =>
        $"There is no model '{repository}' at {options.Endpoint}{(options.Token is null ? "; a private one is shown only to a token that may read it" : " that the given token may read")}.";

    private string Unauthorized() => options.Token is null
        ? $"There is no model '{repository}' at {options.Endpoint}, or it is private. {HowToGiveAToken}"
        : $"{options.Endpoint} does not accept the given token for '{repository}': it has expired, or may not read this model, or there is no such model.";

    private string Gated() =>
        $"'{repository}' at {options.Endpoint} is gated: its authors give access to those who accept its terms on its page. "
        + (options.Token is null ? HowToGiveAToken : "The given token's account has no access yet, or the token may not read gated models.");

    private static string HowToGiveAToken => "Give an access token as HubOptions.Token, in the environment variable HF_TOKEN, or in the file 'token' in HF_HOME.";

    private TimeSpan? FindPause(HttpResponseMessage message)
    {
        if (message.Headers.RetryAfter is { } asked)
        {
            var pause = asked.Delta ?? asked.Date - options.TimeProvider.GetUtcNow();
            return pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
        }

        // The draft header of rate limits, which the public Hub sends: no request is left until t seconds have passed.
        return HubHeaders.Find(message, "RateLimit") is { } limit && NothingLeft().Match(limit) is { Success: true } match
            ? TimeSpan.FromSeconds(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) + 1)
            : null;
    }

    [GeneratedRegex(@";\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d{1,6})\b")]
    private static partial Regex NothingLeft();
}
