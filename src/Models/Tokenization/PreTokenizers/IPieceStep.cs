namespace MLNetLlm.Models;

/// <summary>A text and the pieces that it has been cut into so far, in order.</summary>
/// <param name="Text">The text, as the steps before have changed it.</param>
/// <param name="Ranges">Each piece's place in the text; none is empty.</param>
/// <param name="BeginsInput">Whether the text's first character is the first of what the caller gave.</param>
internal sealed record PieceList(string Text, List<Range> Ranges, bool BeginsInput)
{
    public ReadOnlySpan<char> this[Range range] => Text.AsSpan()[range];
}

/// <summary>One step of cutting a text: cuts pieces finer, or changes them.</summary>
internal interface IPieceStep
{
    PieceList Apply(PieceList pieces);
}
