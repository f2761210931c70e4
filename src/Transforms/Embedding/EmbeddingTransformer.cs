using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Turns a text column into vectors; made by <see cref="EmbeddingEstimator"/>.</summary>
public sealed class EmbeddingTransformer : ITransformer, IDisposable, IPersistedTransformer<EmbeddingTransformer>
{
    internal const string LoaderSignature = "MLNetLlmEmbedding";

    private readonly StoredModel<EmbeddingSettings> stored;
    private readonly TextTransform transform;

    internal EmbeddingTransformer(IHostEnvironment environment, StoredModel<EmbeddingSettings> stored)
    {
        this.stored = stored;
        transform = new TextTransform(environment, nameof(EmbeddingTransformer), new EmbeddingMapper(stored.Model, stored.Settings));
    }

    /// <summary>The language model; it belongs to the transformer, unless the estimator was given it.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => stored.Model.Value;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<EmbeddingTransformer>.Format { get; } = new("LLM EMBD", LoaderSignature);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transform.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public IDataView Transform(IDataView input) => transform.Transform(input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transform.GetRowToRowMapper(inputSchema);

    /// <summary>Releases the model as soon as no cursor or prediction engine uses it any more.</summary>
    public void Dispose() => stored.Model.Release();

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<EmbeddingTransformer>.Write(ICheckpointStore store) => stored.Write(store);

    static EmbeddingTransformer IPersistedTransformer<EmbeddingTransformer>.Read(IHostEnvironment environment, ICheckpointStore store) =>
        new(environment, StoredModel<EmbeddingSettings>.Read(environment, store));
}

/// <summary>What <see cref="EmbeddingMapper"/> needs beside the model.</summary>
internal sealed record EmbeddingSettings(string Text, string Features, Pooling Pooling, bool Normalize, int MaximumTokens, int BatchSize);
