using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace Pretraining;

/// <summary>Everything measured in one run; written as <c>metrics.json</c>.</summary>
internal sealed record RunReport
{
    public required string Recipe { get; init; }

    /// <summary>
    /// Mean negative log-probability of a character of the validation part, in nats, over windows that lie side by side, as in
    /// training and in the published figure. A character has the loss of its tokens, whatever the vocabulary.
    /// </summary>
    public required double ValidationLossPerCharacter { get; init; }

    /// <summary>The same with windows that overlap by a half, so that no character is predicted from little before it, in bits a byte.</summary>
    public required double BitsPerByte { get; init; }

    public required double CharactersPerToken { get; init; }

    public required int Vocabulary { get; init; }

    public required long Parameters { get; init; }

    public required long Steps { get; init; }

    public required double TokensPerSecond { get; init; }

    /// <summary>Wall time of reading the text, learning the tokenizer and training, validations included.</summary>
    public required double Seconds { get; init; }

    public required string Device { get; init; }

    public required string ComputePrecision { get; init; }

    public required int Seed { get; init; }

    public static RunReport Create(
        MLContext ml, DemoSettings settings, Recipe recipe, TextSplit split, LanguageModel model, IReadOnlyList<TrainingProgress> reports, double seconds)
    {
        var validation = ml.Data.LoadFromEnumerable(split.Validation);
        var sideBySide = ml.LanguageModels.Evaluate(validation, model, stride: model.Config.ContextLength - 1);
        var overlapping = ml.LanguageModels.Evaluate(validation, model);
        var last = reports[^1];
        return new RunReport
        {
            Recipe = recipe.Name,
            ValidationLossPerCharacter = sideBySide.Loss * sideBySide.Tokens / split.ValidationCharacters,
            BitsPerByte = overlapping.BitsPerByte,
            CharactersPerToken = (double)split.ValidationCharacters / sideBySide.Tokens,
            Vocabulary = model.Tokenizer.VocabularySize,
            Parameters = model.Network.parameters().Sum(parameter => parameter.numel()),
            Steps = last.Step,
            TokensPerSecond = Math.Round(last.TokensPerSecond),
            Seconds = Math.Round(seconds, 1),
            Device = model.Network.Device.ToString(),
            ComputePrecision = model.Network.Precision.ToString(),
            Seed = settings.Seed,
        };
    }
}
