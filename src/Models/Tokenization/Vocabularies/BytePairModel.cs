using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Two neighbouring tokens that become one, as the vocabulary spells them.</summary>
internal readonly record struct TokenMerge(string Left, string Right)
{
    public string Joined => Left + Right;
}

/// <summary>Byte-pair encoding: tokens, and which neighbours are merged, the first merge to apply at the front.</summary>
internal sealed record BytePairModel : ITokenModel
{
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    public required IReadOnlyList<TokenMerge> Merges { get; init; }

    public string? UnknownToken { get; init; }

    /// <summary>Whether unknown characters in a row are one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether an unknown character is spelled in tokens for its bytes, where the vocabulary has all of them.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is itself a token is taken whole before any merge is looked at.</summary>
    public bool WholePiecesFirst { get; init; }

    public IReadOnlyDictionary<string, JsonElement> OtherProperties { get; init; } = new Dictionary<string, JsonElement>();

    public ITokenAlgorithm CreateAlgorithm(AlgorithmContext context)
    {
        RequireTokens(context);
        BytePairModel model = this with { Merges = LastOfEach(Merges) };
        return context.ByteLevel ? new ByteLevelBytePair(model, context) : new CharacterBytePair(model, context);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteString("unk_token", UnknownToken);
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", FusesUnknown);
        writer.WriteBoolean("byte_fallback", ByteFallback);
        writer.WriteBoolean("ignore_merges", WholePiecesFirst);
        writer.WritePropertyName("vocab");
        TokenizerJsonWriter.WriteVocabulary(Vocabulary, writer);

        // Merges as text cannot name a token that has a space in it.
        bool asText = !Merges.Any(merge => merge.Left.Contains(' ') || merge.Right.Contains(' '));
        writer.WriteStartArray("merges");
        foreach (TokenMerge merge in Merges)
        {
            if (asText)
            {
                writer.WriteStringValue($"{merge.Left} {merge.Right}");
                continue;
            }

            writer.WriteStartArray();
            writer.WriteStringValue(merge.Left);
            writer.WriteStringValue(merge.Right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private void RequireTokens(AlgorithmContext context)
    {
        for (int value = 0; value < 256 && context.ByteLevel; value++)
        {
            string symbol = ByteAlphabet.Spell((byte)value);
            if (!Vocabulary.ContainsKey(symbol))
            {
                throw new InvalidDataException(
                    $"{context.Source}: a byte-level vocabulary has a token for each of the 256 bytes; '{symbol}' (byte 0x{value:X2}) is missing.");
            }
        }

        if (UnknownToken is not null && !Vocabulary.ContainsKey(UnknownToken))
        {
            throw new InvalidDataException($"{context.Source}: model.unk_token should be a token of the vocabulary; found '{UnknownToken}'.");
        }

        for (int index = 0; index < Merges.Count; index++)
        {
            TokenMerge merge = Merges[index];
            if (merge.Left.Length == 0 || merge.Right.Length == 0 || (context.ByteLevel && merge.Joined.Contains(' ')))
            {
                throw new InvalidDataException($"{context.Source}: merge {index} should name two tokens; found '{merge.Left}' and '{merge.Right}'.");
            }

            string? missing = new[] { merge.Left, merge.Right, merge.Joined }.FirstOrDefault(token => !Vocabulary.ContainsKey(token));
            if (missing is not null)
            {
                throw new InvalidDataException(
                    $"{context.Source}: merge {index} joins '{merge.Left}' and '{merge.Right}', but the vocabulary has no token '{missing}'.");
            }
        }
    }

    /// <summary>Hugging Face's reader lets the last of several equal merges count; Microsoft.ML.Tokenizers takes no duplicates.</summary>
    private static List<TokenMerge> LastOfEach(IReadOnlyList<TokenMerge> merges)
    {
        Dictionary<TokenMerge, int> lastIndex = new(merges.Count);
        for (int index = 0; index < merges.Count; index++)
        {
            lastIndex[merges[index]] = index;
        }

        return merges.Where((merge, index) => lastIndex[merge] == index).ToList();
    }
}
