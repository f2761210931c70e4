namespace MLNetLlm.Models;

/// <summary>Prompts as a model reads them.</summary>
internal static class PromptEncoder
{
    /// <summary>With what the model was trained to see before a text, LLaMA's beginning-of-text token for example; what belongs behind
    /// it would say that it has ended.</summary>
    public static int[] Encode(TextTokenizer tokenizer, string prompt)
    {
        var ids = tokenizer.Encode(prompt);
        if (!tokenizer.HasFrame || ids.Length == 0)
        {
            return StartIfEmpty(tokenizer, ids);
        }

        var framed = tokenizer.Frame(ids).Ids;
        return framed[..(framed.AsSpan().IndexOf(ids) + ids.Length)];
    }

    /// <summary>A new text starts with the token that says so.</summary>
    public static int[] StartIfEmpty(TextTokenizer tokenizer, int[] prompt) => prompt.Length > 0
        ? prompt
        : [tokenizer.BeginningOfTextId ?? tokenizer.EndOfTextId ?? throw new ArgumentException(
            "The prompt is empty, and the tokenizer has neither a beginning-of-text nor an end-of-text token to start from.", nameof(prompt))];
}
