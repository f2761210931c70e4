using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>Language models as the clients of Microsoft.Extensions.AI.</summary>
public static class LanguageModelExtensions
{
    /// <summary>A chat client with a scheduler of its own, both freed by disposing of the client.</summary>
    /// <param name="model">Stays the caller's, and must outlive the client. Its tokenizer must have the template's special tokens.</param>
    /// <param name="template">How the model was taught to see conversations.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="scheduling">How many replies are written at once.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the template does not fit the model.</exception>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot write.</exception>
    public static IChatClient AsChatClient(
        this LanguageModel model, ChatTemplate template, ChatClientSettings? settings = null, GenerationSchedulerOptions? scheduling = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        settings ??= new ChatClientSettings();
        settings.Validate();
        // A scheduler starts a thread; what can be refused is refused before that.
        _ = new ChatEncoder(model.Tokenizer, template);
        var scheduler = new GenerationScheduler(model, scheduling ?? new GenerationSchedulerOptions { ModelName = settings.ModelId });
        return new LanguageModelChatClient(scheduler, template, settings, ownsScheduler: true);
    }

    /// <summary>A chat client over a scheduler, whose slots it shares with all others that use it.</summary>
    /// <param name="scheduler">Stays the caller's, and must outlive the client.</param>
    /// <inheritdoc cref="AsChatClient(LanguageModel, ChatTemplate, ChatClientSettings?, GenerationSchedulerOptions?)"/>
    public static IChatClient AsChatClient(this GenerationScheduler scheduler, ChatTemplate template, ChatClientSettings? settings = null) =>
        new LanguageModelChatClient(scheduler, template, settings, ownsScheduler: false);

    /// <summary>An embedding generator over a model of any family.</summary>
    /// <param name="model">Stays the caller's, and must outlive the generator.</param>
    /// <param name="settings">Settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the network lacks the pooling's layer.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(this LanguageModel model, EmbeddingGeneratorSettings? settings = null) =>
        new LanguageModelEmbeddingGenerator(model, settings);
}
