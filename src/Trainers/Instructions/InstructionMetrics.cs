namespace MLNetLlm.Trainers;

/// <summary>A response beside its reference.</summary>
/// <param name="Prompt">What was asked: the instruction with its input, or a conversation up to the last response.</param>
/// <param name="Reference">The response that the data has.</param>
/// <param name="Response">The response that the model wrote.</param>
/// <param name="IsExactMatch">Whether they are equal but for case, punctuation, English articles and white space.</param>
/// <param name="TokenF1">Harmonic mean of the shares of words that each has of the other, 0 to 1.</param>
public sealed record ComparedResponse(string Prompt, string Reference, string Response, bool IsExactMatch, double TokenF1);

/// <summary>How well a model answers instructions that it was not trained on.</summary>
/// <param name="ResponseLoss">Mean negative log-likelihood of the references' tokens given their prompts, in nats; prompts do not count.</param>
/// <param name="ResponseTokens">Tokens over which that mean is taken.</param>
/// <param name="RowsWithoutLoss">Rows that are longer than the context, and left out of the loss.</param>
/// <param name="ExactMatch">Share of the responses that match their reference exactly, as SQuAD counts it (Rajpurkar et al. 2016).</param>
/// <param name="TokenF1">Mean F1 of the words of response and reference, 0 to 1.</param>
/// <param name="Responses">Every response beside its reference, in the order of the rows.</param>
public sealed record InstructionMetrics(
    double ResponseLoss, long ResponseTokens, int RowsWithoutLoss, double ExactMatch, double TokenF1, IReadOnlyList<ComparedResponse> Responses)
{
    /// <summary>exp of <see cref="ResponseLoss"/>.</summary>
    public double ResponsePerplexity => Math.Exp(ResponseLoss);
}
