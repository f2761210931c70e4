using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// Embeds texts with a language model in the process. Any number of threads may use one; the texts of a call are computed
/// together, and calls one after the other, because a forward pass uses all processors already.
/// </summary>
public sealed class LanguageModelEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly LanguageModel model;
    private readonly TextEmbedder embedder;
    private readonly EmbeddingGeneratorSettings settings;
    private readonly EmbeddingGeneratorMetadata metadata;
    private readonly SemaphoreSlim turn = new(1);

    internal LanguageModelEmbeddingGenerator(LanguageModel model, EmbeddingGeneratorSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.settings = settings ?? new EmbeddingGeneratorSettings();
        ArgumentException.ThrowIfNullOrWhiteSpace(this.settings.ModelId, nameof(EmbeddingGeneratorSettings.ModelId));
        embedder = new TextEmbedder(
            model, new TextEmbedderOptions(this.settings.Pooling, this.settings.Normalize, this.settings.MaximumTokens, this.settings.BatchSize));
        if (embedder.MaximumTokens <= model.Tokenizer.FrameLength)
        {
            throw new ArgumentException(
                $"{nameof(EmbeddingGeneratorSettings)}.{nameof(EmbeddingGeneratorSettings.MaximumTokens)} must be above the "
                + $"{model.Tokenizer.FrameLength} special tokens that are put around a text, but is {embedder.MaximumTokens}.",
                nameof(settings));
        }

        this.model = model;
        metadata = new EmbeddingGeneratorMetadata(
            Traces.ProviderName, defaultModelId: this.settings.ModelId, defaultModelDimensions: embedder.Dimensions);
    }

    /// <summary>Embeds texts.</summary>
    /// <param name="values">The texts, of any lengths; an empty one counts as a text without words.</param>
    /// <param name="options">Dimensions other than the model's, and other models, are refused.</param>
    /// <param name="cancellationToken">Ends the work between two forward passes.</param>
    /// <returns>An embedding for each text in order, and the tokens that were read.</returns>
    /// <exception cref="ArgumentException">An option is refused, or a text is too long and <see cref="LongText.Refuse"/> was chosen.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Refuse(options);
        using var trace = GenerativeTrace.Start("embeddings", settings.ModelId);
        try
        {
            var texts = values.Select(Encode).ToArray();
            var vectors = await EmbedAsync(Array.ConvertAll(texts, text => text.Ids), cancellationToken).ConfigureAwait(false);
            var tokens = texts.Sum(text => (long)text.Ids.Length);
            trace.Tag("gen_ai.usage.input_tokens", tokens);
            trace.Tag("gen_ai.embeddings.dimension.count", embedder.Dimensions);
            trace.Succeed();
            return Results(texts, vectors, tokens);
        }
        catch (Exception exception)
        {
            trace.Fail(exception);
            throw;
        }
    }

    /// <summary>The parts: <see cref="EmbeddingGeneratorMetadata"/>, <see cref="LanguageModel"/> or this generator.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : new object[] { this, metadata, model }.FirstOrDefault(serviceType.IsInstanceOfType);
    }

    /// <summary>Frees nothing of the model, which is the caller's.</summary>
    public void Dispose() => turn.Dispose();

    private async Task<float[][]> EmbedAsync(int[][] rows, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => embedder.Embed(rows, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Results(EncodedText[] texts, float[][] vectors, long tokens)
    {
        var now = DateTimeOffset.UtcNow;
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Zip(texts, (vector, text) => new Embedding<float>(vector)
        {
            ModelId = settings.ModelId,
            CreatedAt = now,
            AdditionalProperties = text.Dropped == 0 ? null : new AdditionalPropertiesDictionary { ["dropped_tokens"] = text.Dropped },
        }))
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    private EncodedText Encode(string text, int index)
    {
        ArgumentNullException.ThrowIfNull(text, $"values[{index}]");
        var tokenizer = model.Tokenizer;
        var ids = tokenizer.Encode(text);
        var dropped = Math.Max(0, ids.Length + tokenizer.FrameLength - embedder.MaximumTokens);
        if (dropped > 0 && settings.LongText == LongText.Refuse)
        {
            throw new ArgumentException($"values[{index}] has {ids.Length + tokenizer.FrameLength} tokens, but at most {embedder.MaximumTokens} fit.", "values");
        }

        var kept = dropped > 0 ? ids[..^dropped] : ids;
        var framed = tokenizer.HasFrame ? tokenizer.Frame(kept).Ids : kept;
        return new EncodedText(framed.Length > 0 ? framed : [tokenizer.EndOfTextId ?? tokenizer.PaddingId ?? 0], dropped);
    }

    private void Refuse(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } other && other != settings.ModelId)
        {
            throw new ArgumentException($"EmbeddingGenerationOptions.ModelId is '{other}', but this generator's model is '{settings.ModelId}'.", nameof(options));
        }

        if (options?.Dimensions is { } dimensions && dimensions != embedder.Dimensions)
        {
            throw new ArgumentException($"EmbeddingGenerationOptions.Dimensions is {dimensions}, but the model's vectors have {embedder.Dimensions}.", nameof(options));
        }
    }

    private readonly record struct EncodedText(int[] Ids, int Dropped);
}
