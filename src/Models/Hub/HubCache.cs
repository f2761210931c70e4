namespace MLNetLlm.Models;

/// <summary>
/// The directory of one model in the cache, laid out as all tools of the Hub do:
/// <c>blobs/&lt;entity tag&gt;</c> holds the bytes, <c>snapshots/&lt;commit&gt;/&lt;file&gt;</c> links to them, and
/// <c>refs/&lt;revision&gt;</c> holds the commit that a branch or tag was at last time.
/// </summary>
internal sealed class HubCache(HubOptions options, string repository)
{
    private const string FolderStart = "models--";

    private readonly string root = Path.GetFullPath(options.CacheDirectory);

    public string BlobDirectory => Path.Combine(Directory, "blobs");

    private string Directory => Path.Combine(root, Folder);

    private string Folder => FolderStart + repository.Replace("/", "--", StringComparison.Ordinal);

    public string BlobPath(string etag) => Path.Combine(BlobDirectory, etag);

    public string PartialPath(string etag) => Path.Combine(BlobDirectory, etag + ".incomplete");

    public string LockPath(string etag) => Path.Combine(root, ".locks", Folder, etag + ".lock");

    public string SnapshotPath(string commit) => Path.Combine(Directory, "snapshots", commit);

    /// <summary>Whether a snapshot has a file, and its link leads to bytes of this model.</summary>
    public bool Has(string commit, string file)
    {
        var info = new FileInfo(Path.Combine(SnapshotPath(commit), file));
        if (info.LinkTarget is not { } link)
        {
            return info.Exists;
        }

        var target = Path.GetFullPath(link, info.DirectoryName!);
        return target.StartsWith(Directory + Path.DirectorySeparatorChar, StringComparison.Ordinal) && info.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true };
    }

    /// <summary>The snapshot of a revision, as far as the cache knows, if it can be loaded.</summary>
    public string? FindComplete(string revision) =>
        FindCommit(revision) is { } commit && System.IO.Directory.Exists(SnapshotPath(commit)) && FindMissing(commit).Count == 0
            ? SnapshotPath(commit)
            : null;

    /// <summary>Makes a file of a snapshot from a blob. It appears complete or not at all.</summary>
    public void Link(string commit, string file, string etag)
    {
        var path = Path.Combine(SnapshotPath(commit), file);
        System.IO.Directory.CreateDirectory(SnapshotPath(commit));
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (!options.UseSymbolicLinks || !TryLink(temporary, Path.Combine("..", "..", "blobs", etag)))
            {
                File.Copy(BlobPath(etag), temporary);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Notes the commit of a branch or tag.</summary>
    public void WriteReference(string revision, string commit)
    {
        if (revision == commit || ReadReference(revision) == commit)
        {
            return;
        }

        var path = ReferencePath(revision);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>What an error message says where a model is not in the cache.</summary>
    public string Describe(string revision)
    {
        if (FindCommit(revision) is { } commit && System.IO.Directory.Exists(SnapshotPath(commit)))
        {
            return $"Of '{repository}' at revision '{revision}' the cache '{root}' lacks {string.Join(", ", FindMissing(commit))}.";
        }

        if (System.IO.Directory.Exists(Directory))
        {
            var revisions = Names(Path.Combine(Directory, "refs"), System.IO.Directory.EnumerateFiles)
                .Concat(Names(Path.Combine(Directory, "snapshots"), System.IO.Directory.EnumerateDirectories));
            return $"The cache '{root}' has '{repository}', but at {Shortened("revision", revisions)}, not at '{revision}'.";
        }

        var models = Names(root, System.IO.Directory.EnumerateDirectories)
            .Where(name => name.StartsWith(FolderStart, StringComparison.Ordinal))
            .Select(name => name[FolderStart.Length..].Replace("--", "/", StringComparison.Ordinal));
        return $"The cache '{root}' holds {Shortened("model", models)}.";
    }

    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows lets only some users link, and some file systems know no links; the copy then fails if the disk itself does.
            return false;
        }
    }

    private static IEnumerable<string> Names(string directory, Func<string, IEnumerable<string>> list) =>
        System.IO.Directory.Exists(directory) ? list(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal) : [];

    private static string Shortened(string kind, IEnumerable<string> names)
    {
        var all = names.ToArray();
        return all.Length == 0
            ? $"no {kind}"
            : $"{kind} {string.Join(", ", all.Take(10).Select(name => $"'{name}'"))}" + (all.Length > 10 ? $" and {all.Length - 10} more" : "");
    }

    private List<string> FindMissing(string commit)
    {
        var missing = new List<string>();
        if (!Has(commit, HubFiles.Config))
        {
            missing.Add(HubFiles.Config);
        }

        if (Has(commit, HubFiles.Weights))
        {
            return missing;
        }

        if (Has(commit, HubFiles.WeightsIndex))
        {
            var index = Path.Combine(SnapshotPath(commit), HubFiles.WeightsIndex);
            missing.AddRange(HubFiles.ReadShards(index, $"'{index}'").Where(shard => !Has(commit, shard)));
        }
        else if (!Names(SnapshotPath(commit), System.IO.Directory.EnumerateFiles).Any(file => HubFiles.IsOtherWeights(file) && Has(commit, file)))
        {
            missing.Add(HubFiles.Weights);
        }

        return missing;
    }

    private string? FindCommit(string revision) => HubNames.IsCommit(revision) ? revision : ReadReference(revision);

    private string? ReadReference(string revision) =>
        File.Exists(ReferencePath(revision)) && File.ReadAllText(ReferencePath(revision)).Trim() is var commit && HubNames.IsCommit(commit)
            ? commit
            : null;

    private string ReferencePath(string revision) => Path.Combine([Directory, "refs", .. revision.Split('/')]);
}
