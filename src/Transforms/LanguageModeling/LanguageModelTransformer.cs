using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>
/// Continues texts with a language model and tells how likely it finds them. Column types are those of
/// <see cref="LanguageModelColumns"/>; a column that is not asked for is not computed.
/// </summary>
public sealed class LanguageModelTransformer : ITransformer, IDisposable, IPersistedTransformer<LanguageModelTransformer>
{
    internal const string LoaderSignature = "MLNetLlmLanguageModel";

    private readonly StoredModel<LanguageModelSettings> stored;
    private readonly TextTransform transform;

    /// <summary>Takes over the model.</summary>
    internal LanguageModelTransformer(IHostEnvironment environment, LanguageModel model, LanguageModelColumns columns, GenerationOptions generation)
        : this(environment, new StoredModel<LanguageModelSettings>(new(model, owned: true), new(columns, generation)))
    {
    }

    private LanguageModelTransformer(IHostEnvironment environment, StoredModel<LanguageModelSettings> stored)
    {
        this.stored = stored;
        transform = new TextTransform(environment, nameof(LanguageModelTransformer), new LanguageModelMapper(stored.Model, stored.Settings));
    }

    /// <summary>The language model; it belongs to the transformer.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => stored.Model.Value;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<LanguageModelTransformer>.Format { get; } = new("LLM LANG", LoaderSignature);

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

    /// <summary>The shape of the columns, for estimators that make this transformer.</summary>
    internal static SchemaShape GetOutputSchema(IExceptionContext context, SchemaShape inputSchema, LanguageModelColumns columns)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(context, inputSchema, columns.Text);
        return ColumnChecks.Append(inputSchema, columns.Outputs);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<LanguageModelTransformer>.Write(ICheckpointStore store) => stored.Write(store);

    static LanguageModelTransformer IPersistedTransformer<LanguageModelTransformer>.Read(IHostEnvironment environment, ICheckpointStore store) =>
        new(environment, StoredModel<LanguageModelSettings>.Read(environment, store));
}

/// <summary>What <see cref="LanguageModelMapper"/> needs beside the model.</summary>
internal sealed record LanguageModelSettings(LanguageModelColumns Columns, GenerationOptions Generation);
