namespace MLNetLlm.Models;

/// <summary>Which tokens a sequence holds, for the penalties on saying them again.</summary>
internal sealed class TokenHistory(IEnumerable<int> prompt)
{
    private readonly Dictionary<int, int> written = [];
    private readonly HashSet<int> seen = [.. prompt];

    /// <summary>How often each token was written.</summary>
    public IReadOnlyDictionary<int, int> Written => written;

    /// <summary>Tokens of the prompt and written ones.</summary>
    public IReadOnlySet<int> Seen => seen;

    public void Add(int id)
    {
        seen.Add(id);
        written[id] = written.GetValueOrDefault(id) + 1;
    }
}
