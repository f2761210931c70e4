using Microsoft.ML.Data;

namespace MLNetLlm.Transforms;

/// <summary>Names of the columns of a <see cref="LanguageModelTransformer"/>.</summary>
/// <param name="Text">Input: text.</param>
/// <param name="Continuation">Output, text: what the model writes after the text.</param>
/// <param name="LogLikelihood">Output, Single: sum of the log-probabilities of the text's tokens after its first, in nats; 0 for a text of fewer than two tokens.</param>
/// <param name="Perplexity">Output, Single: exp of the mean negative log-likelihood per token; NaN for a text of fewer than two tokens.</param>
public sealed record LanguageModelColumns(
    string Text = "Text", string Continuation = "Continuation", string LogLikelihood = "LogLikelihood", string Perplexity = "Perplexity")
{
    internal IReadOnlyList<OutputColumn> Outputs =>
    [
        new(Continuation, TextDataViewType.Instance), new(LogLikelihood, NumberDataViewType.Single), new(Perplexity, NumberDataViewType.Single),
    ];
}
