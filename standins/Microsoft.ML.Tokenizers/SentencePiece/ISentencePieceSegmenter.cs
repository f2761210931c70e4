namespace Microsoft.ML.Tokenizers;

/// <summary>Cuts normalized text into pieces of a model; a piece that the model lacks has the unknown id.</summary>
internal interface ISentencePieceSegmenter
{
    List<(int Id, Range Range)> Segment(ReadOnlySpan<char> text);
}
