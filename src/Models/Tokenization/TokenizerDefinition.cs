using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>
/// Everything a tokenizer consists of, in the terms of <c>tokenizer.json</c>, whatever files it came from: the other
/// formats are translated into these, so that there is one way to run a tokenizer and one to write it.
/// </summary>
internal sealed record TokenizerDefinition
{
    // Ids index embedding rows, so a few stray large ones would cost memory that no text ever uses.
    private const int MaximumUnusedIds = 1 << 16;

    /// <summary>What errors call the tokenizer: the name of its file.</summary>
    public string Source { get; init; } = "tokenizer";

    public required ITokenModel Model { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    public required TokenizerSections Sections { get; init; }

    public SpecialTokenRoles Roles { get; init; } = SpecialTokenRoles.None;

    /// <summary>Top-level properties of the file that have no meaning here; they are written back.</summary>
    public IReadOnlyDictionary<string, JsonElement> OtherProperties { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>All tokens, added ones included; a token that is both appears twice.</summary>
    public IEnumerable<KeyValuePair<string, int>> AllTokens =>
        Model.Vocabulary.Concat(AddedTokens.Select(added => KeyValuePair.Create(added.Content, added.Id)));

    /// <summary>Checks that ids are distinct and dense enough.</summary>
    /// <exception cref="InvalidDataException">Names the source and what is wrong in it.</exception>
    public void Check()
    {
        Dictionary<int, string> tokens = [];
        foreach ((string token, int id) in AllTokens)
        {
            if (id < 0)
            {
                throw new InvalidDataException($"{Source}: token ids are zero or more; token '{token}' has id {id}.");
            }

            if (!tokens.TryAdd(id, token) && tokens[id] != token)
            {
                throw new InvalidDataException($"{Source}: an id belongs to one token; {id} is both '{tokens[id]}' and '{token}'.");
            }
        }

        if (tokens.Count == 0)
        {
            throw new InvalidDataException($"{Source}: a vocabulary should have at least one token; this one is empty.");
        }

        int highest = tokens.Keys.Max();
        if (highest >= tokens.Count + MaximumUnusedIds)
        {
            throw new InvalidDataException(
                $"{Source}: the ids of {tokens.Count} tokens should be below {tokens.Count + MaximumUnusedIds}; token '{tokens[highest]}' has id {highest}.");
        }
    }
}
