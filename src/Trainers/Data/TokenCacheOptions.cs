namespace MLNetLlm.Trainers;

/// <summary>Where the token ids of a corpus are kept while a model is trained on it.</summary>
public enum TokenStorage
{
    /// <summary>In memory up to <see cref="TokenCacheOptions.MemoryLimit"/>, on disk above it.</summary>
    Auto,

    /// <summary>In memory; nothing is written to disk, and texts are joined in another order each epoch.</summary>
    Memory,

    /// <summary>In a file that is mapped into memory and found again by the next run on the same texts with the same tokenizer.</summary>
    Disk,
}

/// <summary>
/// How a corpus is kept as token ids: small ones in memory, others in a file on disk, which the operating system pages in as
/// it is read, so that a corpus may be larger than memory.
/// </summary>
/// <remarks>
/// A file is named after a SHA-256 fingerprint of the texts and the tokenizer, and holds ids of 2 bytes, or 4 where the
/// vocabulary has more than 65,536 entries. It carries a checksum and is built anew when it is damaged; it appears under its
/// name only when it is complete, and processes that want the same one at the same time build it once. Files may be deleted
/// whenever no run uses them.
/// </remarks>
public sealed record TokenCacheOptions
{
    /// <summary>Where the ids are kept.</summary>
    public TokenStorage Storage { get; init; } = TokenStorage.Auto;

    /// <summary>
    /// Folder of the files; created if it does not exist. <see langword="null"/> is the folder <c>mlnetllm/tokens</c> in the
    /// user's cache folder: <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, on Windows the local application data.
    /// </summary>
    [MayDifferOnResume]
    public string? Directory { get; init; }

    /// <summary>Bytes of text (UTF-8) up to which <see cref="TokenStorage.Auto"/> keeps a corpus in memory; 0 or more.</summary>
    public long MemoryLimit { get; init; } = 16 << 20;

    internal string ResolvedDirectory => Path.GetFullPath(Directory ?? Path.Combine(UserCacheDirectory(), "mlnetllm", "tokens"));

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Storage))
        {
            throw new ArgumentOutOfRangeException(nameof(Storage), $"TokenCache.Storage must be Auto, Memory or Disk, but is {(int)Storage}.");
        }

        if (MemoryLimit < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(MemoryLimit), $"TokenCache.MemoryLimit must be at least 0, but is {MemoryLimit}.");
        }

        if (Directory is not null && string.IsNullOrWhiteSpace(Directory))
        {
            throw new ArgumentException("TokenCache.Directory must be a folder or null, but is blank.", nameof(Directory));
        }
    }

    internal bool KeepsInMemory(long textBytes) => Storage switch
    {
        TokenStorage.Memory => true,
        TokenStorage.Disk => false,
        _ => textBytes <= MemoryLimit,
    };

    private static string UserCacheDirectory()
    {
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given)
        {
            return given;
        }

        var home = Environment.GetFolderPath(
            OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? Path.GetTempPath() : OperatingSystem.IsWindows() ? home : Path.Combine(home, ".cache");
    }
}
