using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Has a language model continue or answer prompts; made by <see cref="TextGenerationEstimator"/>.</summary>
public sealed class TextGenerationTransformer : ITransformer, IDisposable, IPersistedTransformer<TextGenerationTransformer>
{
    internal const string LoaderSignature = "MLNetLlmGeneration";

    private readonly StoredModel<TextGenerationSettings> stored;
    private readonly TextTransform transform;

    internal TextGenerationTransformer(IHostEnvironment environment, StoredModel<TextGenerationSettings> stored)
    {
        this.stored = stored;
        transform = new TextTransform(environment, nameof(TextGenerationTransformer), new TextGenerationMapper(stored.Model, stored.Settings));
    }

    /// <summary>The language model; it belongs to the transformer, unless the estimator was given it.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public LanguageModel LanguageModel => stored.Model.Value;

    /// <summary>How text is written.</summary>
    public GenerationOptions Generation => stored.Settings.Generation;

    /// <summary>How prompts are put to the model; <see langword="null"/> where they are continued.</summary>
    public ChatTemplate? Template => stored.Settings.Template;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<TextGenerationTransformer>.Format { get; } = new("LLM GENR", LoaderSignature);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The prompt column is missing or not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transform.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The prompt column is missing or not text.</exception>
    public IDataView Transform(IDataView input) => transform.Transform(input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transform.GetRowToRowMapper(inputSchema);

    /// <summary>Releases the model as soon as no cursor or prediction engine uses it any more.</summary>
    public void Dispose() => stored.Model.Release();

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<TextGenerationTransformer>.Write(ICheckpointStore store) => stored.Write(store);

    static TextGenerationTransformer IPersistedTransformer<TextGenerationTransformer>.Read(IHostEnvironment environment, ICheckpointStore store) =>
        new(environment, StoredModel<TextGenerationSettings>.Read(environment, store));
}

/// <summary>What <see cref="TextGenerationMapper"/> needs beside the model.</summary>
internal sealed record TextGenerationSettings(
    string Prompt, string GeneratedText, string FinishReason, string PromptTokens, string GeneratedTokens,
    GenerationOptions Generation, ChatTemplate? Template, int BatchSize)
{
    internal IReadOnlyList<OutputColumn> Outputs =>
    [
        new(GeneratedText, TextDataViewType.Instance), new(FinishReason, TextDataViewType.Instance),
        new(PromptTokens, NumberDataViewType.Int32), new(GeneratedTokens, NumberDataViewType.Int32),
    ];
}
