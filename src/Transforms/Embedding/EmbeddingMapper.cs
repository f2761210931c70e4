using Microsoft.ML.Data;
using MLNetLlm.Models;
using TorchSharp;
using static TorchSharp.torch;

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

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        LanguageModel languageModel = model.Value;
        int[][] rows = TokenRows.EncodeFramed(texts, languageModel.Tokenizer, truncation);
        var vectors = new VBuffer<float>[rows.Length];
        foreach (int[] batch in LengthBuckets.Plan(Array.ConvertAll(rows, row => row.Length), settings.BatchSize, settings.BatchSize * settings.MaximumTokens))
        {
            ReadOnlySpan<float> values = Forward(languageModel, Array.ConvertAll(batch, row => rows[row]));
            for (int i = 0; i < batch.Length; i++)
                vectors[batch[i]] = new VBuffer<float>(size, values.Slice(i * size, size).ToArray());
        }
        return [vectors];
    }

    private float[] Forward(LanguageModel languageModel, IReadOnlyList<int[]> rows)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using TokenBatch batch = TokenBatch.Create(rows, TokenRows.PaddingId(languageModel.Tokenizer), languageModel.Network.Device);
        Tensor pooled = languageModel.Network.Pool(languageModel.Network.Forward(batch.Ids, batch.Lengths), batch.Lengths, settings.Pooling);
        if (settings.Normalize)
            pooled = pooled / pooled.norm(1, keepdim: true).clamp_min(1e-12);
        return pooled.cpu().data<float>().ToArray();
    }
}
