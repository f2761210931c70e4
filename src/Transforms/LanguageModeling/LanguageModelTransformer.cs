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

    private readonly SharedModel<LanguageModel> model;
    private readonly LanguageModelSettings settings;
    private readonly TextTransform transform;

    /// <summary>Takes over the model.</summary>
    internal LanguageModelTransformer(IHostEnvironment environment, LanguageModel model, LanguageModelColumns columns, GenerationOptions generation)
        : this(environment, model, new LanguageModelSettings(columns, generation))
    {
    }

    private LanguageModelTransformer(IHostEnvironment environment, LanguageModel model, LanguageModelSettings settings)
    {
        this.model = new SharedModel<LanguageModel>(model, owned: true);
        this.settings = settings;
        transform = new TextTransform(environment, nameof(LanguageModelTransformer), new LanguageModelMapper(this.model, settings));
    }

    /// <summary>The language model; it belongs to the transformer.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => model.Value;

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
    public void Dispose() => model.Release();

    /// <summary>The shape of the columns, for estimators that make this transformer.</summary>
    internal static SchemaShape GetOutputSchema(IExceptionContext context, SchemaShape inputSchema, LanguageModelColumns columns)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(context, inputSchema, columns.Text);
        return ColumnChecks.Append(inputSchema, columns.Outputs);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<LanguageModelTransformer>.Write(ICheckpointStore store)
    {
        ComponentSettings.Write(store, settings);
        model.Value.Write(store);
    }

    static LanguageModelTransformer IPersistedTransformer<LanguageModelTransformer>.Read(IHostEnvironment environment, ICheckpointStore store)
    {
        var settings = ComponentSettings.Read<LanguageModelSettings>(store);
        return new LanguageModelTransformer(environment, LanguageModel.Read(store, Precision.Auto, EnvironmentDevice.Select(environment)), settings);
    }
}

/// <summary>What <see cref="LanguageModelMapper"/> needs beside the model.</summary>
internal sealed record LanguageModelSettings(LanguageModelColumns Columns, GenerationOptions Generation);
