using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// Where models come from and where they are kept. A new object has the settings of the environment, by the variables that
/// the Hub's own tools use, so that both share one cache and one login: <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> or the token file in
/// <c>HF_HOME</c>, <c>HF_HUB_CACHE</c> or <c>HF_HOME</c>, <c>HF_HUB_OFFLINE</c>, <c>HF_HUB_DISABLE_SYMLINKS</c>.
/// </summary>
public sealed record HubOptions
{
    /// <summary>The public Hub.</summary>
    public const string PublicEndpoint = "https://huggingface.co";

    /// <summary>The settings of the process's environment.</summary>
    public HubOptions()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>The settings of an environment.</summary>
    /// <param name="variable">The value of a variable, or <see langword="null"/> where it is not set.</param>
    /// <exception cref="ArgumentException"><c>HF_ENDPOINT</c> is no address.</exception>
    public HubOptions(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var environment = new HubEnvironment(variable);
        Endpoint = environment.Endpoint;
        Token = environment.ReadToken();
        CacheDirectory = environment.CacheDirectory;
        Offline = environment.IsOffline;
        UseSymbolicLinks = environment.UseSymbolicLinks;
    }

    /// <summary>The address of the Hub or of a mirror of it, with its scheme (http or https) and without user name.</summary>
    public Uri Endpoint { get; init; }

    /// <summary>An access token, for private and gated models; sent to <see cref="Endpoint"/> only.</summary>
    public string? Token { get; init; }

    /// <summary>The directory of the cache, which is made where it is missing.</summary>
    public string CacheDirectory { get; init; }

    /// <summary>A branch, a tag or a commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Uses what is in the cache and never the network.</summary>
    public bool Offline { get; init; }

    /// <summary>
    /// Whether snapshots link to the files they share. Without links, or where the file system has none, they hold copies.
    /// </summary>
    public bool UseSymbolicLinks { get; init; }

    /// <summary>How often a request is sent before giving up, at least 1. A download that gets further starts to count anew.</summary>
    public int MaximumAttempts { get; init; } = 6;

    /// <summary>How many files are downloaded at once, at least 1.</summary>
    public int ParallelDownloads { get; init; } = 4;

    /// <summary>How long a server may be silent, above 0, before the request is sent again.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Measures the pauses between attempts: 1 s, doubled each time, at most 30 s, or what the server asks for.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Check(
            Endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
            nameof(Endpoint), "an http or https address without user name and query", "another");
        // A token never appears in a message, not even one that is of no use.
        Check(
            Token is null || (Token.Length > 0 && Token.All(character => character is > ' ' and < '\x7f')),
            nameof(Token), "visible ASCII characters without blanks", "something else");
        Check(!string.IsNullOrWhiteSpace(CacheDirectory), nameof(CacheDirectory), "a directory", "empty");
        Check(HubNames.IsRevision(Revision), nameof(Revision), "a branch, a tag or a commit", $"'{Revision}'");
        Check(MaximumAttempts >= 1, nameof(MaximumAttempts), "at least 1", MaximumAttempts);
        Check(ParallelDownloads >= 1, nameof(ParallelDownloads), "at least 1", ParallelDownloads);
        Check(StallTimeout > TimeSpan.Zero, nameof(StallTimeout), "above 0", StallTimeout);
    }

    // Called by the record's own ToString; an options object may end up in a log.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(
            $"{nameof(Endpoint)} = {Endpoint}, {nameof(Token)} = {(Token is null ? "none" : "given")}, "
            + $"{nameof(CacheDirectory)} = {CacheDirectory}, {nameof(Revision)} = {Revision}, {nameof(Offline)} = {Offline}");
        return true;
    }

    private static void Check(bool holds, string name, string expected, object found)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"HubOptions.{name} must be {expected}, but is {found}."), name);
        }
    }
}
