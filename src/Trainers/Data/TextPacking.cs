namespace MLNetLlm.Trainers;

/// <summary>How texts of different lengths become training windows of one length.</summary>
/// <remarks>
/// End-of-text tokens stand before the first text and after each. Within a window a position attends to everything before
/// it, other texts included; only <see cref="Separate"/> rules that out, at the price of padding.
/// </remarks>
public enum TextPacking
{
    /// <summary>
    /// All texts form one stream that is cut into windows, wherever a cut falls, as for GPT-2. Nothing is padded, every
    /// token is predicted, the first one of a text included, from what came before it.
    /// </summary>
    Stream,

    /// <summary>
    /// Whole texts share a window as far as they fit; only a text longer than a window is cut. The first token of a second
    /// or later text of a window is not predicted, because what stands before it belongs to another text.
    /// </summary>
    WholeTexts,

    /// <summary>
    /// Every text has windows of its own, so that neither attention nor prediction crosses a boundary. Batches hold windows
    /// of similar length and are padded to the longest.
    /// </summary>
    Separate,
}
