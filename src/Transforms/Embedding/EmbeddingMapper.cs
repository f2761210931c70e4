using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class EmbeddingMapper : ITextMapper
{
    private readonly SharedModel<LanguageModel> model;
    private readonly EmbeddingSettings settings;
    private readonly int size;

    public EmbeddingMapper(SharedModel<LanguageModel> model, EmbeddingSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        MaximumTokens = settings.MaximumTokens - model.Value.Tokenizer.FrameLength;
        size = HiddenStates.PooledWidth(model.Value.Network.Width, settings.Pooling);
        Outputs = [new OutputColumn(settings.Features, new VectorDataViewType(NumberDataViewType.Single, size))];
    }

    public string InputColumn => settings.Text;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => settings.BatchSize * 8;
    public int? MaximumTokens { get; }
    public TransformerModel? Network => model.Value.Network;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        LanguageModel languageModel = model.Value;
        var embedder = new TextEmbedder(
            languageModel, new TextEmbedderOptions(settings.Pooling, settings.Normalize, settings.MaximumTokens, settings.BatchSize));
        float[][] vectors = embedder.Embed(TokenRows.EncodeFramed(texts, languageModel.Tokenizer, truncation));
        return [Array.ConvertAll(vectors, vector => new VBuffer<float>(size, vector))];
    }
}
