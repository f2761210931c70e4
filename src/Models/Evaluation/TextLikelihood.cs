namespace MLNetLlm.Models;

/// <summary>How likely a language model finds a text.</summary>
/// <param name="LogLikelihood">Sum of the log-probabilities of the predicted tokens, in nats.</param>
/// <param name="PredictedTokens">Tokens that the sum is over: all but the text's first.</param>
public readonly record struct TextLikelihood(double LogLikelihood, long PredictedTokens)
{
    /// <summary>Mean negative log-likelihood of a token in nats; NaN where none is predicted.</summary>
    public double Loss => PredictedTokens == 0 ? double.NaN : -LogLikelihood / PredictedTokens;

    /// <summary>exp of <see cref="Loss"/>: between how many equally likely tokens the model was undecided on average.</summary>
    public double Perplexity => Math.Exp(Loss);
}
