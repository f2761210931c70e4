using System.Net;
using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>A file of a repository.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Etag">The name of its blob.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record HubFile(string Name, string Etag, long Size);

/// <summary>The state of a repository at a revision.</summary>
/// <param name="Commit">The commit that the revision is at.</param>
/// <param name="Files">The names of all its files.</param>
internal sealed record HubListing(string Commit, IReadOnlyList<string> Files);

/// <summary>The questions that the Hub is asked about one repository.</summary>
internal sealed class HubClient(HubOptions options, string repository)
{
    private readonly HubTransport transport = new(options);
    private readonly HubAnswers answers = new(options, repository);
    private readonly HubRetry retry = new(options);

    public HubRetry Retry => retry;

    /// <summary>The commit of the revision and its files.</summary>
    public Task<HubListing> ListAsync(int maximumAttempts, CancellationToken cancellationToken) => retry.RunAsync(
        async () =>
        {
            using var patience = new HubPatience(options.StallTimeout, cancellationToken);
            var path = $"api/models/{repository}/revision/{Uri.EscapeDataString(options.Revision)}";
            using var response = await transport.SendAsync(HttpMethod.Get, path, 0, patience).ConfigureAwait(false);
            RequireSuccess(response, file: null);
            var text = await patience
                .WaitAsync(token => new ValueTask<string>(response.Message.Content.ReadAsStringAsync(token)), $"'{response.Host}'")
                .ConfigureAwait(false);
            return ReadListing(text);
        },
        maximumAttempts,
        cancellationToken);

    /// <summary>The size and the blob of a file.</summary>
    public Task<HubFile> FindAsync(string commit, string file, CancellationToken cancellationToken) => retry.RunAsync(
        async () =>
        {
            using var patience = new HubPatience(options.StallTimeout, cancellationToken);
            using var response = await transport.SendAsync(HttpMethod.Head, FilePath(commit, file), 0, patience).ConfigureAwait(false);
            if ((int)response.Message.StatusCode is < 200 or >= 400)
            {
                throw answers.Explain(response, file);
            }

            Require(response.Commit is null || response.Commit == commit, file, $"commit {commit}", $"commit '{response.Commit}'");
            Require(response.Etag is not null && HubNames.IsBlob(response.Etag), file, "an entity tag", response.Etag is null ? "none" : "one that is no file name");
            Require(response.Size is >= 0, file, "a length", "none");
            return new HubFile(file, response.Etag!, response.Size!.Value);
        },
        options.MaximumAttempts,
        cancellationToken);

    /// <summary>Opens a file; one attempt.</summary>
    /// <returns>An answer with success, or 416 where there is nothing from <paramref name="offset"/> on.</returns>
    /// <exception cref="HubTransientFailure">It may go well next time.</exception>
    public async Task<HubResponse> OpenAsync(string commit, string file, long offset, HubPatience patience)
    {
        var response = await transport.SendAsync(HttpMethod.Get, FilePath(commit, file), offset, patience).ConfigureAwait(false);
        try
        {
            if (response.Message.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                RequireSuccess(response, file);
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private string FilePath(string commit, string file) => $"{repository}/resolve/{commit}/{Uri.EscapeDataString(file)}";

    private void RequireSuccess(HubResponse response, string? file)
    {
        if (!response.Message.IsSuccessStatusCode)
        {
            throw answers.Explain(response, file);
        }
    }

    private void Require(bool holds, string file, string expected, string found)
    {
        if (!holds)
        {
            throw new HubException(
                HubFailure.Unreachable, $"{options.Endpoint} answers like no Hub to the request for '{file}' of '{repository}': expected {expected}, found {found}.");
        }
    }

    private HubListing ReadListing(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var commit = json.RootElement.GetProperty("sha").GetString() ?? "";
            var files = json.RootElement.GetProperty("siblings").EnumerateArray()
                .Select(sibling => sibling.GetProperty("rfilename").GetString() ?? "")
                .ToArray();
            return HubNames.IsCommit(commit)
                ? new HubListing(commit, files)
                : throw new JsonException("'sha' must be a commit of 40 hexadecimal digits.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HubException(
                HubFailure.Unreachable,
                $"{options.Endpoint} answers like no Hub to the request for '{repository}': expected JSON with the commit 'sha' and the files 'siblings'.",
                exception);
        }
    }
}
