using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>WordPiece (BERT): whole words and word beginnings, and continuations that carry a prefix.</summary>
internal sealed record WordPieceModel : ITokenModel
{
    public const string UsualPrefix = "##";
    public const string UsualUnknownToken = "[UNK]";
    public const int UsualMaximumCharacters = 100;

    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    public string UnknownToken { get; init; } = UsualUnknownToken;

    public string Prefix { get; init; } = UsualPrefix;

    /// <summary>Longer words are unknown.</summary>
    public int MaximumCharacters { get; init; } = UsualMaximumCharacters;

    public IReadOnlyDictionary<string, JsonElement> OtherProperties { get; init; } = new Dictionary<string, JsonElement>();

    string? ITokenModel.UnknownToken => UnknownToken;

    public ITokenAlgorithm CreateAlgorithm(AlgorithmContext context)
    {
        if (context.ByteLevel)
        {
            throw new NotSupportedException($"{context.Source}: pre_tokenizer ByteLevel goes with model type 'BPE'; found 'WordPiece', which is not supported with it.");
        }

        if (!Vocabulary.ContainsKey(UnknownToken))
        {
            throw new InvalidDataException($"{context.Source}: unk_token should be a token of the vocabulary; found '{UnknownToken}'.");
        }

        return MaximumCharacters > 0
            ? new WordPieceAlgorithm(this, context)
            : throw new InvalidDataException($"{context.Source}: model.max_input_chars_per_word should be at least 1; found {MaximumCharacters}.");
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", UnknownToken);
        writer.WriteString("continuing_subword_prefix", Prefix);
        writer.WriteNumber("max_input_chars_per_word", MaximumCharacters);
        writer.WritePropertyName("vocab");
        TokenizerJsonWriter.WriteVocabulary(Vocabulary, writer);
    }
}
