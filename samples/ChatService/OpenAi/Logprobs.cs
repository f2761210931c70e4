using System.Text;
using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary>Log-probabilities in the two shapes that OpenAI's API gives them.</summary>
internal static class Logprobs
{
    private const char Replacement = '\uFFFD';

    public static ChatLogprobs? ForChat(IReadOnlyList<TokenLogProbability>? tokens, TextTokenizer tokenizer) => tokens is null ? null : new ChatLogprobs(
    [
        .. tokens.Select(token => new ChatTokenLogprob(
            Spelling(token.TokenId, tokenizer), token.LogProbability, Bytes(token.TokenId, tokenizer),
            [.. token.Alternatives.Select(other => new TopLogprob(Spelling(other.TokenId, tokenizer), other.LogProbability, Bytes(other.TokenId, tokenizer)))])),
    ]);

    /// <param name="tokens">The tokens of a piece of text.</param>
    /// <param name="tokenizer">Spells them.</param>
    /// <param name="textBefore">Characters of the text before the piece.</param>
    public static CompletionLogprobs? ForCompletion(IReadOnlyList<TokenLogProbability>? tokens, TextTokenizer tokenizer, int textBefore)
    {
        if (tokens is null)
        {
            return null;
        }

        var spellings = tokens.Select(token => Spelling(token.TokenId, tokenizer)).ToArray();
        var offsets = new int[spellings.Length];
        for (var index = 0; index < offsets.Length; index++)
        {
            offsets[index] = index == 0 ? textBefore : offsets[index - 1] + spellings[index - 1].Length;
        }

        return new CompletionLogprobs(
            spellings,
            [.. tokens.Select(token => token.LogProbability)],
            [.. tokens.Select(token => ByToken(token.Alternatives, tokenizer))],
            offsets);
    }

    // Two tokens that are parts of characters may look alike; the likelier counts.
    private static Dictionary<string, double> ByToken(IReadOnlyList<TokenAlternative> alternatives, TextTokenizer tokenizer)
    {
        var byToken = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var alternative in alternatives)
        {
            byToken.TryAdd(Spelling(alternative.TokenId, tokenizer), alternative.LogProbability);
        }

        return byToken;
    }

    private static string Spelling(int id, TextTokenizer tokenizer) => tokenizer.Decode([id]);

    /// <returns>Nothing for a part of a character, whose spelling does not tell its bytes.</returns>
    private static int[]? Bytes(int id, TextTokenizer tokenizer)
    {
        var spelling = Spelling(id, tokenizer);
        return spelling.Contains(Replacement) ? null : [.. Encoding.UTF8.GetBytes(spelling)];
    }
}
