namespace MLNetLlm.Models;

/// <summary>Two neighbouring tokens that become one, in the spelling of <see cref="ByteAlphabet"/>.</summary>
internal readonly record struct TokenMerge(string Left, string Right)
{
    public string Joined => Left + Right;
}

/// <summary>A token that stands for a whole string and is never the result of merging.</summary>
/// <param name="Content">The text it is written as.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Special tokens are control marks; the others are ordinary text that the vocabulary holds whole.</param>
internal sealed record AddedToken(string Content, int Id, bool Special);

/// <summary>Everything a byte-level BPE tokenizer consists of: what its files hold, whatever their format.</summary>
internal sealed record TokenizerDefinition
{
    // Ids index embedding rows, so a few stray large ones would cost memory that no text ever uses.
    private const int MaximumUnusedIds = 1 << 16;

    /// <summary>Ordinary tokens in byte-level spelling; may hold added tokens too, as GPT-2's file does.</summary>
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    /// <summary>The merges, the one to apply first at the front.</summary>
    public required IReadOnlyList<TokenMerge> Merges { get; init; }

    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public PiecePattern Pattern { get; init; } = PiecePattern.Gpt2;

    /// <summary>Whether a piece that is itself a token is taken whole before any merge is looked at.</summary>
    public bool WholePiecesFirst { get; init; }

    public SpecialTokenRoles Roles { get; init; } = SpecialTokenRoles.None;

    /// <summary>Checks that every byte has a token, every merge has its parts and result, and ids are distinct and dense enough.</summary>
    /// <exception cref="InvalidDataException">Names the source and what is wrong in it.</exception>
    public TokenizerDefinition Checked(string source)
    {
        for (int value = 0; value < 256; value++)
        {
            string symbol = ByteAlphabet.Spell((byte)value);
            if (!Vocabulary.ContainsKey(symbol))
            {
                throw new InvalidDataException(
                    $"{source}: a byte-level vocabulary has a token for each of the 256 bytes; '{symbol}' (byte 0x{value:X2}) is missing.");
            }
        }

        CheckIds(source);
        return this with { Merges = CheckedMerges(source) };
    }

    private void CheckIds(string source)
    {
        Dictionary<int, string> tokens = [];
        foreach ((string token, int id) in Vocabulary.Concat(AddedTokens.Select(added => KeyValuePair.Create(added.Content, added.Id))))
        {
            if (id < 0)
            {
                throw new InvalidDataException($"{source}: token ids are zero or more; token '{token}' has id {id}.");
            }

            if (!tokens.TryAdd(id, token) && tokens[id] != token)
            {
                throw new InvalidDataException($"{source}: an id belongs to one token; {id} is both '{tokens[id]}' and '{token}'.");
            }
        }

        int highest = tokens.Keys.Max();
        if (highest >= tokens.Count + MaximumUnusedIds)
        {
            throw new InvalidDataException(
                $"{source}: the ids of {tokens.Count} tokens should be below {tokens.Count + MaximumUnusedIds}; token '{tokens[highest]}' has id {highest}.");
        }
    }

    private List<TokenMerge> CheckedMerges(string source)
    {
        Dictionary<TokenMerge, int> lastIndex = new(Merges.Count);
        for (int index = 0; index < Merges.Count; index++)
        {
            TokenMerge merge = Merges[index];
            if (merge.Left.Length == 0 || merge.Right.Length == 0 || merge.Joined.Contains(' '))
            {
                throw new InvalidDataException($"{source}: merge {index} should name two tokens without spaces; found '{merge.Left}' and '{merge.Right}'.");
            }

            string? missing = !Vocabulary.ContainsKey(merge.Left) ? merge.Left
                : !Vocabulary.ContainsKey(merge.Right) ? merge.Right
                : !Vocabulary.ContainsKey(merge.Joined) ? merge.Joined
                : null;
            if (missing is not null)
            {
                throw new InvalidDataException(
                    $"{source}: merge {index} joins '{merge.Left}' and '{merge.Right}', but the vocabulary has no token '{missing}'.");
            }

            lastIndex[merge] = index;
        }

        // Hugging Face's reader lets the last of several equal merges count; Microsoft.ML.Tokenizers takes no duplicates.
        return Merges.Where((merge, index) => lastIndex[merge] == index).ToList();
    }
}
