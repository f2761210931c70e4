namespace MLNetLlm.Trainers;

/// <summary>How texts of different lengths become training windows of one length.</summary>
/// <remarks>End-of-text tokens stand before the first text and after each.</remarks>
public enum TextPacking
{
    /// <summary>
    /// All texts form one stream that is cut into windows, wherever a cut falls, as for GPT-2. Nothing is padded and nothing
    /// masked, which is fastest; a position attends to all of its window before it, other texts included.
    /// </summary>
    Stream,

    /// <summary>
    /// Whole texts share a window as far as they fit; only a text longer than a window is cut. No text sees another: attention
    /// is masked at the boundaries, and positions begin anew with each text.
    /// </summary>
    WholeTexts,

    /// <summary>
    /// Every text has windows of its own. Batches hold windows of similar length and are padded to the longest; the network
    /// learns the same as from <see cref="WholeTexts"/>. For short texts and small batches.
    /// </summary>
    Separate,
}
