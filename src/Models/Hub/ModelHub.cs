namespace MLNetLlm.Models;

/// <summary>
/// Brings checkpoints from the model hub into the cache that all tools of the Hub share. Interrupted downloads resume, every
/// file's length and hash are checked, several processes may ask for the same model at once, and only safetensors weights
/// are downloaded.
/// </summary>
public static class ModelHub
{
    /// <summary>The directory of a checkpoint that is given as a directory or as a name on the Hub.</summary>
    /// <param name="nameOrPath">An existing directory, which is returned as it is, or else a name such as <c>organization/name</c>.</param>
    /// <param name="options">Where models come from and are kept; <see langword="null"/> takes the settings of the environment.</param>
    /// <param name="progress">Gets reports while files are downloaded.</param>
    /// <param name="cancellationToken">Ends a download, which a later call resumes.</param>
    /// <exception cref="ArgumentException">The text is neither, or a setting is out of range.</exception>
    /// <exception cref="DirectoryNotFoundException">The text is a path, and nothing is there.</exception>
    /// <exception cref="HubException">The model could not be had; see <see cref="HubException.Failure"/>.</exception>
    /// <exception cref="InvalidDataException">The index of the weights is damaged; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public static async Task<string> ResolveAsync(
        string nameOrPath, HubOptions? options = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        if (Directory.Exists(nameOrPath))
        {
            return nameOrPath;
        }

        var path = Path.GetFullPath(nameOrPath);
        if (File.Exists(path))
        {
            throw new ArgumentException($"'{path}' is a file; expected the directory of a checkpoint, or a name on the Hub.", nameof(nameOrPath));
        }

        if (!HubNames.IsRepository(nameOrPath))
        {
            throw new DirectoryNotFoundException(
                $"'{nameOrPath}' is no directory (looked for '{path}') and no name on the Hub, which would be {HubNames.NameRule}.");
        }

        try
        {
            return await DownloadAsync(nameOrPath, options, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (exception.Failure is HubFailure.NotFound or HubFailure.NotCached)
        {
            throw new HubException(exception.Failure, $"{exception.Message} There is no directory '{path}' either.", exception);
        }
    }

    /// <inheritdoc cref="ResolveAsync"/>
    public static string Resolve(
        string nameOrPath, HubOptions? options = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Wait(() => ResolveAsync(nameOrPath, options, progress, cancellationToken));

    /// <summary>Whether a text is a directory that exists, or may be the name of a model: what <see cref="Resolve"/> takes. Asks no server.</summary>
    /// <param name="nameOrPath">The text.</param>
    public static bool IsNameOrDirectory(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        return Directory.Exists(nameOrPath) || (HubNames.IsRepository(nameOrPath) && !File.Exists(nameOrPath));
    }

    /// <summary>Downloads what is missing of a model.</summary>
    /// <param name="name">Its name on the Hub: <c>organization/name</c> or <c>name</c>.</param>
    /// <param name="options">Where models come from and are kept; <see langword="null"/> takes the settings of the environment.</param>
    /// <param name="progress">Gets reports while files are downloaded.</param>
    /// <param name="cancellationToken">Ends the download, which a later call resumes.</param>
    /// <returns>
    /// The directory of the snapshot. Where the server cannot be reached it is the one that the cache has of the revision.
    /// </returns>
    /// <exception cref="ArgumentException">The name is none, or a setting is out of range.</exception>
    /// <exception cref="HubException">The model could not be had; see <see cref="HubException.Failure"/>.</exception>
    /// <exception cref="InvalidDataException">The index of the weights is damaged; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public static Task<string> DownloadAsync(
        string name, HubOptions? options = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        options ??= new HubOptions();
        options.Validate();
        return HubNames.IsRepository(name)
            ? new HubSnapshot(options, name, progress).CompleteAsync(cancellationToken)
            : throw new ArgumentException($"'{name}' is no name on the Hub; expected {HubNames.NameRule}.", nameof(name));
    }

    /// <inheritdoc cref="DownloadAsync"/>
    public static string Download(
        string name, HubOptions? options = null, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Wait(() => DownloadAsync(name, options, progress, cancellationToken));

    // On a thread of the pool no part of the work waits for the caller's, which is blocked here.
    private static string Wait(Func<Task<string>> work) => Task.Run(work).GetAwaiter().GetResult();
}
