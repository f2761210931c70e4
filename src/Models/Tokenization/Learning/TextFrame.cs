namespace MLNetLlm.Models;

/// <summary>The special tokens that a network is to see around every text, as <see cref="TextTokenizer.EncodeFramed"/> puts them.</summary>
/// <param name="Before">Stands before the text, for example <c>[CLS]</c>.</param>
/// <param name="After">Stands after it, for example <c>[SEP]</c>; of two texts, after each.</param>
public sealed record TextFrame(string Before, string After);
