using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>A piece of a Unigram vocabulary and its log probability.</summary>
internal readonly record struct ScoredPiece(string Text, double Score);

/// <summary>Unigram (T5, ALBERT, XLM-R): pieces with log probabilities; a piece's place in the list is its id.</summary>
internal sealed record UnigramModel : ITokenModel
{
    private readonly IReadOnlyList<ScoredPiece> _pieces = [];

    public required IReadOnlyList<ScoredPiece> Pieces
    {
        get => _pieces;
        init
        {
            _pieces = value;
            Dictionary<string, int> vocabulary = new(value.Count, StringComparer.Ordinal);
            for (int id = 0; id < value.Count; id++)
            {
                // Of equal pieces the first counts; the others only keep their places.
                vocabulary.TryAdd(value[id].Text, id);
            }

            Vocabulary = vocabulary;
        }
    }

    public int? UnknownId { get; init; }

    /// <summary>Whether an unknown character is spelled in tokens for its bytes, where the vocabulary has all of them.</summary>
    public bool ByteFallback { get; init; }

    public IReadOnlyDictionary<string, JsonElement> OtherProperties { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, int> Vocabulary { get; private init; } = new Dictionary<string, int>();

    public string? UnknownToken => UnknownId is int id && id < Pieces.Count ? Pieces[id].Text : null;

    public ITokenAlgorithm CreateAlgorithm(AlgorithmContext context)
    {
        if (context.ByteLevel)
        {
            throw new NotSupportedException($"{context.Source}: pre_tokenizer ByteLevel goes with model type 'BPE'; found 'Unigram', which is not supported with it.");
        }

        return UnknownId is int id && id >= Pieces.Count
            ? throw new InvalidDataException($"{context.Source}: model.unk_id should be below the {Pieces.Count} pieces of the vocabulary; found {id}.")
            : new UnigramAlgorithm(this, context);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Unigram");
        if (UnknownId is int id)
        {
            writer.WriteNumber("unk_id", id);
        }
        else
        {
            writer.WriteNull("unk_id");
        }

        writer.WriteStartArray("vocab");
        foreach (ScoredPiece piece in Pieces)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(piece.Text);
            writer.WriteNumberValue(piece.Score);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("byte_fallback", ByteFallback);
    }
}
