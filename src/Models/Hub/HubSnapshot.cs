namespace MLNetLlm.Models;

/// <summary>Makes the snapshot of a model in the cache complete: what to have, what is missing, room for it, then the downloads.</summary>
internal sealed class HubSnapshot(HubOptions options, string repository, IProgress<HubProgress>? progress)
{
    private const int MostChanges = 3;

    private readonly HubCache cache = new(options, repository);
    private readonly HubClient client = new(options, repository);
    private readonly HubMeter meter = new(progress);

    /// <returns>The directory of the snapshot.</returns>
    public async Task<string> CompleteAsync(CancellationToken cancellationToken)
    {
        var cached = cache.FindComplete(options.Revision);
        if (options.Offline)
        {
            return cached ?? throw new HubException(
                HubFailure.NotCached,
                $"'{repository}' at revision '{options.Revision}' is not in the cache, and HubOptions.Offline (HF_HUB_OFFLINE) forbids to download it. "
                + cache.Describe(options.Revision));
        }

        HubListing listing;
        try
        {
            // Who has the model need not wait for a network that is not there.
            listing = await client.ListAsync(cached is null ? options.MaximumAttempts : 1, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (exception.Failure == HubFailure.Unreachable && cached is not null)
        {
            return cached;
        }

        var files = HubFiles.Select(listing.Files, $"'{repository}' at revision '{options.Revision}'");
        if (files.Contains(HubFiles.WeightsIndex))
        {
            await FetchAsync(listing.Commit, [HubFiles.WeightsIndex], cancellationToken).ConfigureAwait(false);
            files = [.. files, .. ReadShards(listing)];
        }

        await FetchAsync(listing.Commit, files, cancellationToken).ConfigureAwait(false);
        cache.WriteReference(options.Revision, listing.Commit);
        return cache.SnapshotPath(listing.Commit);
    }

    private IReadOnlyList<string> ReadShards(HubListing listing)
    {
        var index = $"'{HubFiles.WeightsIndex}' of '{repository}'";
        var shards = HubFiles.ReadShards(Path.Combine(cache.SnapshotPath(listing.Commit), HubFiles.WeightsIndex), index);
        return shards.Except(listing.Files).FirstOrDefault() is { } missing
            ? throw new HubException(HubFailure.NotUsable, $"{index} names '{missing}', which the repository does not have. No weights were downloaded.")
            : shards;
    }

    private async Task FetchAsync(string commit, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var missing = names.Where(name => !cache.Has(commit, name)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ParallelDownloads, CancellationToken = cancellationToken };
        var files = new HubFile[missing.Length];
        await Parallel.ForAsync(0, missing.Length, parallel, async (index, token) =>
        {
            files[index] = await client.FindAsync(commit, missing[index], token).ConfigureAwait(false);
            meter.Expect(files[index]);
        }).ConfigureAwait(false);
        RequireSpace(files);
        await Parallel.ForAsync(0, files.Length, parallel, async (index, token) =>
            files[index] = await DownloadAsync(commit, files[index], token).ConfigureAwait(false)).ConfigureAwait(false);

        // Only what is complete is linked, and the configuration last, because other tools take its presence for the model's.
        foreach (var file in files.OrderBy(file => file.Name == HubFiles.Config))
        {
            cache.Link(commit, file.Name, file.Etag);
        }
    }

    private async Task<HubFile> DownloadAsync(string commit, HubFile file, CancellationToken cancellationToken)
    {
        for (var changes = 0; changes < MostChanges; changes++)
        {
            if (await new HubBlobDownload(options, client, cache, commit, file, meter).RunAsync(cancellationToken).ConfigureAwait(false))
            {
                return file;
            }

            file = await client.FindAsync(commit, file.Name, cancellationToken).ConfigureAwait(false);
            meter.Expect(file);
        }

        throw new HubException(
            HubFailure.Damaged, $"'{file.Name}' of '{repository}' changed {MostChanges} times while it was downloaded; expected one entity tag per commit.");
    }

    private void RequireSpace(IReadOnlyList<HubFile> files)
    {
        Directory.CreateDirectory(cache.BlobDirectory);
        decimal needed = files.DistinctBy(file => file.Etag).Where(file => !File.Exists(cache.BlobPath(file.Etag))).Sum(file => (decimal)(file.Size - PartialLength(file)));
        if (!options.UseSymbolicLinks)
        {
            needed += files.Sum(file => (decimal)file.Size);
        }

        var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(cache.BlobDirectory)! : cache.BlobDirectory);
        if (needed > drive.AvailableFreeSpace)
        {
            throw new HubException(
                HubFailure.DiskFull,
                FormattableString.Invariant($"'{repository}' needs {needed / 1_000_000:0.0} MB on the disk of the cache '{options.CacheDirectory}', which has {drive.AvailableFreeSpace / 1e6:0.0} MB left. ")
                + "Free some, or choose another directory as HubOptions.CacheDirectory (HF_HUB_CACHE). The download was not begun.");
        }
    }

    private long PartialLength(HubFile file) =>
        new FileInfo(cache.PartialPath(file.Etag)) is { Exists: true } partial ? Math.Min(partial.Length, file.Size) : 0;
}
