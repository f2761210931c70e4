using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Classifies texts with a fine-tuned language model. Column types are those of <see cref="TextClassificationColumns"/>.</summary>
public sealed class TextClassificationTransformer : ITransformer, IDisposable, IPersistedTransformer<TextClassificationTransformer>
{
    internal const string LoaderSignature = "MLNetLlmClassification";

    private readonly SharedModel<TextClassificationModel> model;
    private readonly TextClassificationSettings settings;
    private readonly TextTransform transform;

    /// <summary>Takes over the model.</summary>
    internal TextClassificationTransformer(IHostEnvironment environment, TextClassificationModel model, TextClassificationColumns columns, bool binary)
        : this(environment, model, new TextClassificationSettings(columns, binary))
    {
    }

    private TextClassificationTransformer(IHostEnvironment environment, TextClassificationModel model, TextClassificationSettings settings)
    {
        this.model = new SharedModel<TextClassificationModel>(model, owned: true);
        this.settings = settings;
        transform = new TextTransform(environment, nameof(TextClassificationTransformer), new TextClassificationMapper(this.model, settings));
    }

    /// <summary>The model; it belongs to the transformer.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TextClassificationModel Model => model.Value;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<TextClassificationTransformer>.Format { get; } = new("LLM TCLS", LoaderSignature);

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

    /// <summary>The shape of the columns, for estimators that make this transformer; they need the label column too.</summary>
    internal static SchemaShape GetOutputSchema(IExceptionContext context, SchemaShape inputSchema, TextClassificationColumns columns, bool binary)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(context, inputSchema, columns.Text);
        LabelColumn.Check(context, inputSchema, columns.Label, binary);
        const SchemaShape.Column.VectorKind scalar = SchemaShape.Column.VectorKind.Scalar;
        return binary
            ? ColumnChecks.Append(inputSchema,
                ShapeColumn.Create(columns.Score, scalar, NumberDataViewType.Single, annotations: ScoreAnnotations.Shape()),
                ShapeColumn.Create(columns.Probability, scalar, NumberDataViewType.Single, annotations: ScoreAnnotations.Shape(normalized: true)),
                ShapeColumn.Create(columns.PredictedLabel, scalar, BooleanDataViewType.Instance, annotations: ScoreAnnotations.Shape()))
            : ColumnChecks.Append(inputSchema,
                ShapeColumn.Create(columns.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, annotations: ScoreAnnotations.Shape(slotNames: true)),
                ShapeColumn.Create(columns.PredictedLabel, scalar, NumberDataViewType.UInt32, isKey: true, annotations: ScoreAnnotations.Shape(keyValues: true)));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<TextClassificationTransformer>.Write(ICheckpointStore store)
    {
        ComponentSettings.Write(store, settings);
        model.Value.Write(store);
    }

    static TextClassificationTransformer IPersistedTransformer<TextClassificationTransformer>.Read(IHostEnvironment environment, ICheckpointStore store)
    {
        var settings = ComponentSettings.Read<TextClassificationSettings>(store);
        return new TextClassificationTransformer(
            environment, TextClassificationModel.Read(store, Precision.Auto, EnvironmentDevice.Select(environment)), settings);
    }
}

/// <summary>What <see cref="TextClassificationMapper"/> needs beside the model.</summary>
internal sealed record TextClassificationSettings(TextClassificationColumns Columns, bool Binary);
