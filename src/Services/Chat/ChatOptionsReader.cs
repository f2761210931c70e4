using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// The options of a request as those of the generation engine. What is not set stays as the settings, or the
/// <see cref="GenerationOptions"/> that <see cref="ChatOptions.RawRepresentationFactory"/> makes, have it.
/// </summary>
internal static class ChatOptionsReader
{
    public static GenerationOptions Read(ChatOptions? options, ChatClientSettings settings, IChatClient client)
    {
        var generation = settings.Generation;
        if (options is not null)
        {
            RefuseUnsupported(options, settings.ModelId);
            generation = options.RawRepresentationFactory?.Invoke(client) as GenerationOptions ?? generation;
            generation = generation with
            {
                MaximumNewTokens = options.MaxOutputTokens ?? generation.MaximumNewTokens,
                Temperature = Widen(options.Temperature) ?? generation.Temperature,
                TopP = Widen(options.TopP) ?? generation.TopP,
                TopK = options.TopK ?? generation.TopK,
                FrequencyPenalty = Widen(options.FrequencyPenalty) ?? generation.FrequencyPenalty,
                PresencePenalty = Widen(options.PresencePenalty) ?? generation.PresencePenalty,
                Seed = options.Seed ?? generation.Seed,
                StopStrings = [.. generation.StopStrings.Union(options.StopSequences ?? [])],
            };
        }

        generation = generation with
        {
            MaximumNewTokens = Math.Min(generation.MaximumNewTokens, settings.MaximumOutputTokens ?? int.MaxValue),
            // A prompt must not slide out of the context while its reply is written.
            ContextOverflow = ContextOverflow.Stop,
            LongPrompt = LongPrompt.Refuse,
        };
        generation.Validate();
        return generation;
    }

    // 0.9 as a Single is not 0.9 as a Double; what was meant is the number that was written.
    private static double? Widen(float? value) => value is { } number && float.IsFinite(number) && Math.Abs(number) < 1e6f ? (double)(decimal)number : value;

    private static void RefuseUnsupported(ChatOptions options, string modelId)
    {
        Refuse(options.ResponseFormat is not null and not ChatResponseFormatText, nameof(options.ResponseFormat), "replies are text; a format such as JSON cannot be enforced");
        Refuse(options.Tools is { Count: > 0 }, nameof(options.Tools), "this model calls no tools");
        Refuse(options.ToolMode is RequiredChatToolMode, nameof(options.ToolMode), "this model calls no tools");
        Refuse(options.ConversationId is not null, nameof(options.ConversationId), "conversations are not stored here; send all messages each time");
        Refuse(options.Reasoning is not null, nameof(options.Reasoning), "this model has no reasoning apart from its reply");
        if (options.ModelId is { } model && model != modelId)
        {
            throw new ArgumentException($"ChatOptions.ModelId is '{model}', but this client's model is '{modelId}'.", nameof(options.ModelId));
        }

        if (options.MaxOutputTokens < 1)
        {
            throw new ArgumentException($"ChatOptions.MaxOutputTokens must be at least 1, but is {options.MaxOutputTokens}.", nameof(options.MaxOutputTokens));
        }
    }

    private static void Refuse(bool isSet, string name, string reason)
    {
        if (isSet)
        {
            throw new NotSupportedException($"ChatOptions.{name} is not supported: {reason}.");
        }
    }
}
