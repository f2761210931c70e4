using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>A vocabulary and the rule by which it cuts text: what the <c>model</c> of a <c>tokenizer.json</c> holds.</summary>
internal interface ITokenModel
{
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>The token for what the vocabulary cannot spell, or null without one.</summary>
    string? UnknownToken { get; }

    /// <summary>Properties of the file that have no meaning here; they are written back.</summary>
    IReadOnlyDictionary<string, JsonElement> OtherProperties { get; init; }

    /// <exception cref="InvalidDataException">Parts of the model contradict each other.</exception>
    ITokenAlgorithm CreateAlgorithm(AlgorithmContext context);

    /// <summary>Writes the properties of the <c>model</c> object, without those that it passes through.</summary>
    void Write(Utf8JsonWriter writer);
}
