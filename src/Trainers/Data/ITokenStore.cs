namespace MLNetLlm.Trainers;

/// <summary>A corpus as one long row of token ids, of which any stretch can be read. Safe to read from any number of threads.</summary>
internal interface ITokenStore
{
    long Count { get; }

    /// <summary>Copies the ids from <paramref name="start"/> on.</summary>
    void Read(long start, Span<int> ids);
}

/// <summary>Token ids in memory.</summary>
internal sealed class MemoryTokens(int[] tokens) : ITokenStore
{
    public long Count => tokens.Length;

    public void Read(long start, Span<int> ids) => tokens.AsSpan((int)start, ids.Length).CopyTo(ids);
}
