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

    /// <summary>The ids of each text. A row is never empty: a text without tokens becomes a single end-of-text token.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts, TextTokenizer tokenizer, TruncationReport truncation)
    {
        var rows = new int[texts.Count][];
        for (int i = 0; i < rows.Length; i++)
        {
            int[] ids = tokenizer.Encode(texts[i]);
            int length = truncation.Admit(ids.Length);
            rows[i] = length == 0 ? [tokenizer.EndOfTextId ?? PaddingId(tokenizer)] : length == ids.Length ? ids : ids[..length];
        }
        return rows;
    }
}
