using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Tells how likely a language model finds texts; made by <see cref="ScoringEstimator"/>.</summary>
public sealed class ScoringTransformer : ITransformer, IDisposable, IPersistedTransformer<ScoringTransformer>
{
    internal const string LoaderSignature = "MLNetLlmScoring";

    private readonly StoredModel<ScoringSettings> stored;
    private readonly TextTransform transform;

    internal ScoringTransformer(IHostEnvironment environment, StoredModel<ScoringSettings> stored)
    {
        this.stored = stored;
        transform = new TextTransform(environment, nameof(ScoringTransformer), new ScoringMapper(stored.Model, stored.Settings));
    }

    /// <summary>The language model; it belongs to the transformer, unless the estimator was given it.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => stored.Model.Value;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<ScoringTransformer>.Format { get; } = new("LLM SCOR", LoaderSignature);

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

    void IPersistedTransformer<ScoringTransformer>.Write(ICheckpointStore store) => stored.Write(store);

    static ScoringTransformer IPersistedTransformer<ScoringTransformer>.Read(IHostEnvironment environment, ICheckpointStore store) =>
        new(environment, StoredModel<ScoringSettings>.Read(environment, store));
}

/// <summary>What <see cref="ScoringMapper"/> needs beside the model.</summary>
internal sealed record ScoringSettings(string Text, string LogLikelihood, string Perplexity, string PredictedTokens, int? Stride, int BatchSize)
{
    internal IReadOnlyList<OutputColumn> Outputs =>
    [
        new(LogLikelihood, NumberDataViewType.Single), new(Perplexity, NumberDataViewType.Single), new(PredictedTokens, NumberDataViewType.Int32),
    ];
}
