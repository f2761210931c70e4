namespace MLNetLlm.Models;

/// <summary>A prompt as ids, and the turns that had to be left out of it.</summary>
internal sealed record FittedPrompt(int[] Ids, IReadOnlyList<ChatTurn> Dropped);

/// <summary>
/// Makes a conversation fit the context: the oldest exchanges, a user's turn and its answer together, are left out until the
/// rest fits. The system's turn and the last turn always stay.
/// </summary>
internal static class ChatWindow
{
    /// <returns>The prompt, which is longer than allowed where the system's and the last turn alone are.</returns>
    public static FittedPrompt Fit(ChatEncoder encoder, IReadOnlyList<ChatTurn> turns, int maximumTokens)
    {
        var first = turns.Count > 0 && turns[0].Role == TurnRole.System ? 1 : 0;
        var dropped = 0;
        var ids = encoder.Encode(turns).Ids;
        while (ids.Length > maximumTokens && first + dropped + 2 < turns.Count)
        {
            dropped += 2;
            ids = encoder.Encode([.. turns.Take(first), .. turns.Skip(first + dropped)]).Ids;
        }

        return new FittedPrompt(ids, turns.Skip(first).Take(dropped).ToArray());
    }

    /// <summary>As <see cref="Fit"/>, and where the last turn alone is too long, its end is cut off.</summary>
    /// <exception cref="InvalidOperationException">Not even its beginning fits.</exception>
    public static int[] FitCut(ChatEncoder encoder, IReadOnlyList<ChatTurn> turns, int maximumTokens)
    {
        var fitted = Fit(encoder, turns, maximumTokens);
        if (fitted.Ids.Length <= maximumTokens)
        {
            return fitted.Ids;
        }

        IReadOnlyList<ChatTurn> rest = [.. turns.Where(turn => turn.Role == TurnRole.System), turns[^1]];
        var content = encoder.Tokenizer.Encode(turns[^1].Content);
        var kept = content.Length - (fitted.Ids.Length - maximumTokens);
        for (; kept > 0; kept--)
        {
            // A character may be cut in two; what is left of it decodes to the replacement character.
            var text = encoder.Tokenizer.Decode(content[..kept]).TrimEnd('\uFFFD');
            if (string.IsNullOrWhiteSpace(text))
            {
                break;
            }

            var ids = encoder.Encode([.. rest.SkipLast(1), ChatTurn.User(text)]).Ids;
            if (ids.Length <= maximumTokens)
            {
                return ids;
            }
        }

        throw new InvalidOperationException(
            $"The template '{encoder.Template.Name}' and the system's turn alone need more than the {maximumTokens} tokens that the context "
            + "leaves for a prompt. Use a shorter system prompt, fewer new tokens, or a model with a longer context.");
    }
}
