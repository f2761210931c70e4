using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Texts as the token rows that a model is run on; training and prediction both come through here.</summary>
internal static class TokenRows
{
    /// <summary>The id that stands where a row is shorter than others of its batch; the model does not look at it.</summary>
    public static int PaddingId(TextTokenizer tokenizer) => tokenizer.PaddingId ?? tokenizer.EndOfTextId ?? 0;

    /// <summary>The ids of each text as a classifier reads them.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts, TextClassificationModel model, TruncationReport truncation) =>
        Encode(texts, model.Backbone.Tokenizer, truncation, model.Frame);

    /// <summary>The ids of each text between the special tokens that its tokenizer puts around texts, where it puts any.</summary>
    public static int[][] EncodeFramed(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation) =>
        Encode(texts, tokenizer, truncation, ids => tokenizer.HasFrame ? tokenizer.Frame(ids).Ids : ids);

    /// <summary>The ids of each text, without special tokens.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation) =>
        Encode(texts, tokenizer, truncation, ids => ids);

    // A row is never empty: a text without tokens, and without any around it, becomes a single end-of-text token.
    private static int[][] Encode(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation, Func<int[], int[]> frame)
    {
        var rows = new int[texts.Count][];
        for (int i = 0; i < rows.Length; i++)
        {
            int[] ids = tokenizer.Encode(texts[i]);
            int length = truncation.Admit(ids.Length);
            int[] framed = frame(length == ids.Length ? ids : ids[..length]);
            rows[i] = framed.Length > 0 ? framed : [tokenizer.EndOfTextId ?? PaddingId(tokenizer)];
        }
        return rows;
    }

    /// <summary>
    /// The ids of each text as something that goes on, to be continued or predicted: with what the tokenizer puts before a
    /// text, LLaMA's <c>&lt;s&gt;</c>. A row is never empty.
    /// </summary>
    public static int[][] EncodeBeginnings(IReadOnlyList<string> texts, TextTokenizer tokenizer)
    {
        int[] nothing = [tokenizer.EndOfTextId ?? PaddingId(tokenizer)];
        return [.. texts.Select(text => tokenizer.EncodeBeginning(text) is { Length: > 0 } ids ? ids : nothing)];
    }
}
