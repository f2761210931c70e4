using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Answers instructions, or the last turn of conversations, with a language model that was tuned for it.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Instruction</c></term><description>text; an empty one has an empty response</description></item>
/// <item><term>in: <c>Input</c></term><description>text, where the transformer was made with such a column; may be empty</description></item>
/// <item><term>in: <c>Conversation</c></term><description>text, in place of both: see <see cref="InstructionColumns"/></description></item>
/// <item><term>out: <c>Response</c></term><description>text</description></item>
/// </list>
/// A prompt that leaves too little of the context for a response is shortened, and a warning says so: of conversations the
/// oldest exchanges are left out, and then the end of the user's last text is cut.
/// </remarks>
public sealed class InstructionTransformer : ITransformer, IDisposable, IPersistedTransformer<InstructionTransformer>
{
    internal const string LoaderSignature = "MLNetLlmInstruction";

    private readonly StoredModel<InstructionSettings> stored;
    private readonly TextTransform transform;

    /// <summary>Takes over the model.</summary>
    internal InstructionTransformer(
        IHostEnvironment environment, LanguageModel model, ChatTemplate template, InstructionColumns columns, GenerationOptions generation)
        : this(environment, new StoredModel<InstructionSettings>(new(model, owned: true), new(columns, template, generation)))
    {
    }

    private InstructionTransformer(IHostEnvironment environment, StoredModel<InstructionSettings> stored)
    {
        this.stored = stored;
        transform = new TextTransform(environment, nameof(InstructionTransformer), new InstructionMapper(stored.Model, stored.Settings));
    }

    /// <summary>The language model; it belongs to the transformer.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => stored.Model.Value;

    /// <summary>How the model was taught to see instructions and conversations.</summary>
    public ChatTemplate Template => stored.Settings.Template;

    /// <summary>The columns that are read and written.</summary>
    public InstructionColumns Columns => stored.Settings.Columns;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<InstructionTransformer>.Format { get; } = new("LLM INST", LoaderSignature);

    /// <summary>Begins a conversation with the model.</summary>
    /// <param name="options">Settings; where they do not say how replies are written, it is done as for the response column.</param>
    /// <returns>The conversation; it works as long as this transformer is not disposed.</returns>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public ChatSession StartChat(ChatSessionOptions? options = null)
    {
        options ??= new ChatSessionOptions();
        return new ChatSession(stored.Model.Value, stored.Settings.Template, options with { Generation = options.Generation ?? stored.Settings.Generation });
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transform.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or not text.</exception>
    public IDataView Transform(IDataView input) => transform.Transform(input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transform.GetRowToRowMapper(inputSchema);

    /// <summary>Releases the model as soon as no cursor or prediction engine uses it any more.</summary>
    public void Dispose() => stored.Model.Release();

    /// <summary>The shape of the columns, for estimators that make this transformer.</summary>
    internal static SchemaShape GetOutputSchema(IExceptionContext context, SchemaShape inputSchema, InstructionColumns columns)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (string name in columns.Read)
            ColumnChecks.Text(context, inputSchema, name);
        return ColumnChecks.Append(inputSchema, columns.Outputs);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<InstructionTransformer>.Write(ICheckpointStore store) => stored.Write(store);

    static InstructionTransformer IPersistedTransformer<InstructionTransformer>.Read(IHostEnvironment environment, ICheckpointStore store) =>
        new(environment, StoredModel<InstructionSettings>.Read(environment, store));
}

/// <summary>What <see cref="InstructionMapper"/> needs beside the model.</summary>
internal sealed record InstructionSettings(InstructionColumns Columns, ChatTemplate Template, GenerationOptions Generation);
