using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>What stands between two texts of a corpus.</summary>
internal static class TextBoundary
{
    /// <summary>The end-of-text token of decoders, the separator of encoders; <see langword="null"/> without either.</summary>
    public static int? Of(TextTokenizer tokenizer) => tokenizer.EndOfTextId ?? tokenizer.SeparatorId;
}
