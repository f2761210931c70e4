namespace Microsoft.ML.Tokenizers;

public sealed class LlamaTokenizer : SentencePieceTokenizer
{
    private LlamaTokenizer(SentencePieceModel model, bool addBeginOfSentence, bool addEndOfSentence, IReadOnlyDictionary<string, int>? specialTokens)
        : base(model, addBeginOfSentence, addEndOfSentence, specialTokens)
    {
    }

    public static new LlamaTokenizer Create(Stream modelStream, bool addBeginOfSentence = true, bool addEndOfSentence = false, IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(modelStream);
        SentencePieceModel model = SentencePieceModel.Read(modelStream);
        if (!model.IsBytePair)
        {
            throw new ArgumentException("The model type is not Bpe.", "modelProto");
        }

        if (model.NormalizerName is not ("identity" or ""))
        {
            throw new ArgumentException($"Normalization '{model.NormalizerName}' is not supported.", "modelProto");
        }

        return new LlamaTokenizer(model, addBeginOfSentence, addEndOfSentence, specialTokens);
    }
}
