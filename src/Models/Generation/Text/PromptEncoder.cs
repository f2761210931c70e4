namespace MLNetLlm.Models;

/// <summary>Prompts as a model reads them.</summary>
internal static class PromptEncoder
{
    /// <summary>A text as a model was trained to see the beginning of one, with LLaMA's <c>&lt;s&gt;</c> before it.</summary>
    public static int[] Encode(TextTokenizer tokenizer, string prompt) => StartIfEmpty(tokenizer, tokenizer.EncodeBeginning(prompt));

    /// <summary>A new text starts with the token that says so.</summary>
    public static int[] StartIfEmpty(TextTokenizer tokenizer, int[] prompt) => prompt.Length > 0
        ? prompt
        : [tokenizer.BeginningOfTextId ?? tokenizer.EndOfTextId ?? throw new ArgumentException(
            "The prompt is empty, and the tokenizer has neither a beginning-of-text nor an end-of-text token to start from.", nameof(prompt))];
}
