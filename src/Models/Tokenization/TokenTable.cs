namespace MLNetLlm.Models;

/// <summary>The tokens of a vocabulary by their ids.</summary>
internal sealed class TokenTable
{
    private readonly string?[] _tokens;
    private readonly Dictionary<int, AddedToken> _added;

    public TokenTable(TokenizerDefinition definition)
    {
        _added = definition.AddedTokens.ToDictionary(token => token.Id);
        _tokens = new string?[1 + definition.AllTokens.Max(token => token.Value)];
        foreach ((string token, int id) in definition.AllTokens)
        {
            _tokens[id] = token;
        }
    }

    /// <summary>One more than the highest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>The token of an id as the vocabulary spells it, and how it was added to the vocabulary, where it was.</summary>
    /// <returns>Whether the id has a token.</returns>
    public bool TryGet(int id, out string token, out AddedToken? added)
    {
        token = (uint)id < (uint)_tokens.Length ? _tokens[id] ?? "" : "";
        added = _added.GetValueOrDefault(id);
        return token.Length > 0;
    }
}
