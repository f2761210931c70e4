using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Texts as the token rows that a model is run on; training and prediction both come through here.</summary>
internal static class TokenRows
{
    /// <summary>The id that stands where a row is shorter than others of its batch; the model does not look at it.</summary>
    public static int PaddingId(TextTokenizer tokenizer) => tokenizer.PaddingId ?? tokenizer.EndOfTextId ?? 0;

    /// <summary>The ids of each text as a classifier reads them.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts, TextClassificationModel model, TruncationReport truncation) =>
        Array.ConvertAll(Encode(texts, model.Backbone.Tokenizer, truncation), model.Frame);

    /// <summary>How many tokens <see cref="EncodeFramed"/> adds to each text.</summary>
    public static int FrameLength(TextTokenizer tokenizer) => tokenizer.Frame([]).Ids.Length;

    /// <summary>
    /// The ids of each text with the special tokens around them that the tokenizer's models were trained to see, BERT's
    /// <c>[CLS]</c> and <c>[SEP]</c>. A row is never empty: as for <see cref="Encode(IReadOnlyList{string}, TextTokenizer, TruncationReport)"/>.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="tokenizer">Its frame may be empty.</param>
    /// <param name="truncation">Counts the tokens of the texts themselves.</param>
    public static int[][] EncodeFramed(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation) => tokenizer.HasFrame
        ? Array.ConvertAll(texts.ToArray(), text => tokenizer.Frame(Cut(tokenizer.Encode(text), truncation)).Ids)
        : Encode(texts, tokenizer, truncation);

    /// <summary>The ids of each text. A row is never empty: a text without tokens becomes a single end-of-text token.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation)
    {
        var rows = new int[texts.Count][];
        for (int i = 0; i < rows.Length; i++)
        {
            int[] ids = Cut(tokenizer.Encode(texts[i]), truncation);
            rows[i] = ids.Length == 0 ? [tokenizer.EndOfTextId ?? PaddingId(tokenizer)] : ids;
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

    private static int[] Cut(int[] ids, TruncationReport truncation)
    {
        int length = truncation.Admit(ids.Length);
        return length == ids.Length ? ids : ids[..length];
    }
}
