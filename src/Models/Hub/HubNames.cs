using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>
/// What may be the name of a repository, a revision, a file, a commit and a blob. All of them become parts of paths, and
/// those that a server sends could otherwise lead out of the cache.
/// </summary>
internal static partial class HubNames
{
    private const int LongestName = 96;

    public const string NameRule =
        "'name' or 'organization/name' of letters, digits, '-', '_' and '.', at most 96 characters, without '--' and '..', "
        + "neither starting nor ending in '-' or '.', and not ending in '.git'";

    public static bool IsRepository(string name) =>
        name.Length <= LongestName
        && RepositoryPattern().IsMatch(name)
        && !name.Contains("--", StringComparison.Ordinal)
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.EndsWith(".git", StringComparison.Ordinal);

    public static bool IsRevision(string? revision) =>
        revision is { Length: > 0 and <= 250 } && StaysBelow(revision) && IsPlain(revision) && RevisionPattern().IsMatch(revision);

    public static bool IsCommit(string text) => CommitPattern().IsMatch(text);

    public static bool IsBlob(string etag) => BlobPattern().IsMatch(etag);

    public static bool IsSha256(string etag) => Sha256Pattern().IsMatch(etag);

    /// <summary>Whether a path stays below the directory it is put into, where only slashes separate.</summary>
    public static bool StaysBelow(string path) => path.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));

    /// <summary>Whether a path has none of the characters that separate or hide something on one system or another.</summary>
    public static bool IsPlain(string path) => !path.Any(character => character is '\\' or ':' || char.IsControl(character));

    /// <summary>An entity tag as the name of a blob: without quotes and without the mark of a weak tag.</summary>
    public static string? Unquote(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        var text = etag.Trim();
        return (text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text).Trim('"');
    }

    [GeneratedRegex(@"^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?(/[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?)?\z")]
    private static partial Regex RepositoryPattern();

    // What git allows in a name of a reference, but for the rare characters that not every file system has.
    [GeneratedRegex(@"^[^\s~^?*\[""<>|.-][^\s~^?*\[""<>|]*\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Sha256Pattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}\z")]
    private static partial Regex BlobPattern();
}
