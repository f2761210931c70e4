using System.Globalization;

namespace MLNetLlm.Models;

/// <summary>The answer at the end of a chain of redirects, and what the Hub itself said on the way.</summary>
internal sealed class HubResponse(HttpResponseMessage message, bool isFromHub, HubHeaders headers) : IDisposable
{
    public HttpResponseMessage Message => message;

    /// <summary>Whether the answer comes from the endpoint and not from where the endpoint stores its files.</summary>
    public bool IsFromHub => isFromHub;

    public string? Commit => headers.Commit;

    /// <summary>The name of the blob; a storage has tags of its own, which are none.</summary>
    public string? Etag => headers.LinkedEtag ?? HubNames.Unquote(HubHeaders.Find(message, "ETag"));

    public long? Size => headers.LinkedSize ?? message.Content.Headers.ContentLength;

    public string Host => message.RequestMessage!.RequestUri!.Authority;

    public void Dispose() => message.Dispose();
}

/// <summary>What the Hub says about a file before it redirects to where the file is stored.</summary>
internal sealed record HubHeaders(string? Commit, string? LinkedEtag, long? LinkedSize)
{
    public static HubHeaders None { get; } = new(null, null, null);

    /// <summary>Whether nothing else has to be known about a file.</summary>
    public bool AreComplete => LinkedEtag is not null && LinkedSize is not null;

    public HubHeaders Or(HttpResponseMessage message) => new(
        Commit ?? Find(message, "X-Repo-Commit"),
        LinkedEtag ?? HubNames.Unquote(Find(message, "X-Linked-Etag")),
        LinkedSize ?? (long.TryParse(Find(message, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null));

    // Entity tags without quotes are common and would not pass the parser of the typed header.
    public static string? Find(HttpResponseMessage message, string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) && values.Count > 0 ? values.First() : null;
}
