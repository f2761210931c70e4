namespace MLNetLlm.Services;

/// <summary>Where a pool's model comes from, again and again.</summary>
internal interface IModelSource
{
    /// <summary>The file or address, as messages name it.</summary>
    string Description { get; }

    /// <summary>Gets the model, unless it is the known one.</summary>
    /// <param name="knownStamp">Stamp of the version that was seen last; <see langword="null"/> if none was.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns><see langword="null"/> if nothing has changed.</returns>
    /// <exception cref="IOException">It cannot be had.</exception>
    Task<ModelVersion?> LookAsync(string? knownStamp, CancellationToken cancellationToken);

    /// <summary>Whether a version is still the one that is there: it may have been written to while it was read.</summary>
    bool IsStill(string stamp);
}

/// <summary>A version of a model.</summary>
/// <param name="Stamp">Differs from that of every other version.</param>
/// <param name="Content">The model zip; can be sought.</param>
internal sealed record ModelVersion(string Stamp, Stream Content) : IDisposable
{
    public void Dispose() => Content.Dispose();
}
