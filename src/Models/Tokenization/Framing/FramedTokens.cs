namespace MLNetLlm.Models;

/// <summary>The ids of a text, or of two, with the special tokens that the model was trained to see around them.</summary>
/// <param name="Ids">All ids.</param>
/// <param name="TokenTypeIds">For each id which text it belongs to, 0 or 1, in the way that the model was trained with.</param>
public sealed record FramedTokens(int[] Ids, int[] TokenTypeIds);
