using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// A language model in a service: where it is and how it serves. Made to be bound from a configuration section; all is checked
/// when the service starts.
/// </summary>
public sealed class LanguageModelOptions
{
    /// <summary>Directory of a checkpoint: <c>config.json</c>, <c>model.safetensors</c> and tokenizer files.</summary>
    public string? Directory { get; set; }

    /// <summary>Gets the model in another way, from a model zip for example; it is disposed of with the service. Not from configuration.</summary>
    public Func<IServiceProvider, LanguageModel>? Load { get; set; }

    /// <summary>What the model is called to clients, in metrics and in traces; by default its name in the service, or its directory's name.</summary>
    public string? ModelId { get; set; }

    /// <summary>Number format of the computation, for a model loaded from <see cref="Directory"/>.</summary>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>Device for a model loaded from <see cref="Directory"/>: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    public string? Device { get; set; }

    /// <summary>
    /// Name of a published template by which the model sees conversations: <c>Alpaca</c>, <c>Phi-3</c>, <c>ChatML</c> or
    /// <c>Llama-3</c>. Without one, and without <see cref="CustomTemplate"/>, there is no chat client.
    /// </summary>
    public string? Template { get; set; }

    /// <summary>A template of one's own, in place of <see cref="Template"/>.</summary>
    public ChatTemplate? CustomTemplate { get; set; }

    /// <summary>Most texts that are generated at once, at least 1.</summary>
    public int SlotCount { get; set; } = 8;

    /// <summary>Most tokens of a text, prompt and continuation together; by default the context length.</summary>
    public int? SlotCapacity { get; set; }

    /// <summary>Most requests that wait; a further one is refused. 0 or more.</summary>
    public int QueueCapacity { get; set; } = 128;

    /// <summary>Most tokens of prompts that are read between two tokens of the running texts, at least 1.</summary>
    public int PromptTokensPerStep { get; set; } = 512;

    /// <summary>Most tokens of a reply to a request that does not say so itself, at least 1.</summary>
    public int DefaultOutputTokens { get; set; } = 256;

    /// <summary>Most tokens of any reply, at least 1; by default the context is the limit.</summary>
    public int? MaximumOutputTokens { get; set; }

    /// <summary>Temperature of a request that does not say so itself; 0 takes the likeliest token.</summary>
    public double Temperature { get; set; }

    /// <summary>Top-p of a request that does not say so itself, above 0 to 1.</summary>
    public double TopP { get; set; } = 1;

    /// <summary>What happens to a conversation that is longer than the context.</summary>
    public ChatOverflow Overflow { get; set; } = ChatOverflow.DropOldestTurns;

    /// <summary>How the hidden states of a text's tokens become its embedding.</summary>
    public Pooling Pooling { get; set; } = Pooling.Mean;

    /// <summary>Whether embeddings are scaled to length 1.</summary>
    public bool NormalizeEmbeddings { get; set; } = true;

    /// <summary>Most tokens of a text to embed; by default the context length.</summary>
    public int? EmbeddingTokens { get; set; }

    /// <summary>What happens to a longer text to embed.</summary>
    public LongText LongText { get; set; } = LongText.CutEnd;

    /// <summary>Most texts to embed in one forward pass, at least 1.</summary>
    public int EmbeddingBatchSize { get; set; } = 32;

    /// <summary>
    /// Whether the service starts before the model is loaded; until then requests fail and the health check says so. Otherwise it
    /// does not start without the model.
    /// </summary>
    public bool LoadInBackground { get; set; }

    /// <summary>Whether a token is generated once at the start, so that the first request is as fast as others.</summary>
    public bool WarmUp { get; set; } = true;

    /// <summary>How long running replies may go on when the service stops; then they end with the finish reason <c>cancelled</c>.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    internal ChatTemplate? ChatTemplate => CustomTemplate ?? (Template is { } name ? TemplateNames.Find(name) : null);

    internal GenerationSchedulerOptions Scheduling(string modelId) => new()
    {
        SlotCount = SlotCount,
        SlotCapacity = SlotCapacity,
        QueueCapacity = QueueCapacity,
        PromptTokensPerStep = PromptTokensPerStep,
        ModelName = modelId,
    };

    internal ChatClientSettings Chat(string modelId) => new()
    {
        ModelId = modelId,
        Generation = new GenerationOptions { MaximumNewTokens = DefaultOutputTokens, Temperature = Temperature, TopP = TopP },
        MaximumOutputTokens = MaximumOutputTokens,
        Overflow = Overflow,
    };

    internal EmbeddingGeneratorSettings Embedding(string modelId) => new()
    {
        ModelId = modelId,
        Pooling = Pooling,
        Normalize = NormalizeEmbeddings,
        MaximumTokens = EmbeddingTokens,
        LongText = LongText,
        BatchSize = EmbeddingBatchSize,
    };
}
