using System.Net;

namespace MLNetLlm.Models;

/// <summary>
/// Brings one blob into the cache: resumes what is there, checks length and hash, and gives the blob its name at the end.
/// One process at a time does this for a blob; the others wait and then find it.
/// </summary>
internal sealed class HubBlobDownload(HubOptions options, HubClient client, HubCache cache, string commit, HubFile file, HubMeter meter)
{
    private const int BufferSize = 1 << 17;

    // Whether the bytes come from more than one transfer.
    private bool isComposed;
    private bool isRangeRefused;

    /// <returns>Whether the blob is there; otherwise the file has another entity tag by now.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var taken = await HubLock.TakeAsync(cache.LockPath(file.Etag), cancellationToken).ConfigureAwait(false);
        var blob = new FileInfo(cache.BlobPath(file.Etag));
        if (blob.Exists && blob.Length == file.Size)
        {
            meter.Report(file, file.Size);
            return true;
        }

        var partial = await HubPartialFile.OpenAsync(cache.PartialPath(file.Etag), file, cancellationToken).ConfigureAwait(false);
        await using (partial.ConfigureAwait(false))
        {
            meter.Report(file, partial.Length);
            isComposed = partial.Length > 0;
            return await FillAsync(partial, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> FillAsync(HubPartialFile partial, CancellationToken cancellationToken)
    {
        for (var isSecondTry = false; ; isSecondTry = true)
        {
            if (!await TransferAllAsync(partial, cancellationToken).ConfigureAwait(false))
            {
                partial.Delete();
                return false;
            }

            if (partial.FindDifference() is not { } found)
            {
                partial.MoveTo(cache.BlobPath(file.Etag));
                meter.Report(file, file.Size);
                return true;
            }

            // A file put together from several transfers may have got a wrong piece; one that came in one go is wrong at its source.
            if (isSecondTry || !isComposed)
            {
                partial.Delete();
                throw new HubException(
                    HubFailure.Damaged,
                    $"'{file.Name}' has arrived damaged: expected {partial.HashName} {file.Etag}, found {found}. What arrived was deleted; try again.");
            }

            Restart(partial);
        }
    }

    private async Task<bool> TransferAllAsync(HubPartialFile partial, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (partial.Length < file.Size)
        {
            var before = partial.Length;
            try
            {
                if (!await TransferAsync(partial, cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }
            }
            catch (HubTransientFailure failure)
            {
                failures = partial.Length > before ? 1 : failures + 1;
                await client.Retry.PauseAsync(failure, failures, options.MaximumAttempts, cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    /// <returns>Whether the server still has the file that is wanted.</returns>
    private async Task<bool> TransferAsync(HubPartialFile partial, CancellationToken cancellationToken)
    {
        using var patience = new HubPatience(options.StallTimeout, cancellationToken);
        using var response = await client.OpenAsync(commit, file.Name, partial.Length, patience).ConfigureAwait(false);
        if (HasChanged(response))
        {
            return false;
        }

        var content = response.Message.Content;
        var range = content.Headers.ContentRange;
        if (response.Message.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.Message.StatusCode == HttpStatusCode.PartialContent && range?.From != partial.Length))
        {
            RefuseRange(partial, range?.Length);
            return true;
        }

        if (response.Message.StatusCode != HttpStatusCode.PartialContent && partial.Length > 0)
        {
            Restart(partial);
        }

        if ((range?.Length ?? partial.Length + content.Headers.ContentLength) is { } announced && announced != file.Size)
        {
            throw WrongLength(partial, announced);
        }

        isComposed |= partial.Length > 0;
        await CopyAsync(response, partial, patience).ConfigureAwait(false);
        return true;
    }

    private async Task CopyAsync(HubResponse response, HubPartialFile partial, HubPatience patience)
    {
        var server = $"'{response.Host}'";
        var stream = await patience.WaitAsync(token => new ValueTask<Stream>(response.Message.Content.ReadAsStreamAsync(token)), server).ConfigureAwait(false);
        var buffer = new byte[BufferSize];
        for (int count; (count = await patience.WaitAsync(token => stream.ReadAsync(buffer, token), server).ConfigureAwait(false)) > 0;)
        {
            if (partial.Length + count > file.Size)
            {
                throw WrongLength(partial, partial.Length + count, "at least ");
            }

            await partial.AppendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            meter.Report(file, partial.Length);
        }

        if (partial.Length < file.Size)
        {
            throw new HubTransientFailure($"'{file.Name}' from {server} ended after {partial.Length} of {file.Size} bytes.");
        }
    }

    // Addresses hold the commit, so this is a mirror that does not keep to it.
    private bool HasChanged(HubResponse response) =>
        response.IsFromHub && response.Etag is { } etag && etag != file.Etag
        && (HubNames.IsCommit(etag) || HubNames.IsSha256(etag));

    // Once may be a storage that does not resume; twice is a file that ends before its announced size.
    private void RefuseRange(HubPartialFile partial, long? length)
    {
        if (isRangeRefused || partial.Length == 0)
        {
            throw WrongLength(partial, length ?? partial.Length);
        }

        isRangeRefused = true;
        Restart(partial);
    }

    private void Restart(HubPartialFile partial)
    {
        isComposed = false;
        partial.Restart();
        meter.Report(file, 0);
    }

    private HubException WrongLength(HubPartialFile partial, long found, string atLeast = "")
    {
        partial.Delete();
        return new HubException(
            HubFailure.Damaged, $"'{file.Name}' has a wrong length: expected {file.Size} bytes, found {atLeast}{found}. What arrived was deleted; try again.");
    }
}
