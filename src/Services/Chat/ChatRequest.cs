using System.Globalization;
using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>A request that was read and found good.</summary>
/// <param name="Prompt">Token ids of the conversation, up to where the reply goes.</param>
/// <param name="DroppedTurns">Turns that were left out because the context is too short.</param>
/// <param name="Generation">How the reply is written.</param>
internal sealed record ChatRequest(int[] Prompt, int DroppedTurns, GenerationOptions Generation)
{
    public string ResponseId { get; } = "chatcmpl-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    public DateTimeOffset CreatedAt { get; } = DateTimeOffset.UtcNow;

    /// <exception cref="ConversationTooLongException">The conversation does not fit.</exception>
    /// <exception cref="ArgumentException">The template cannot write it.</exception>
    public static ChatRequest Create(
        ChatEncoder encoder, IReadOnlyList<ChatTurn> turns, GenerationOptions generation, int capacity, ChatOverflow overflow)
    {
        generation = generation with
        {
            StopTokenIds = [.. generation.StopTokenIds.Union(encoder.StopIds)],
            StopStrings = [.. generation.StopStrings.Union(encoder.StopStrings)],
        };
        var room = capacity - Math.Min(generation.MaximumNewTokens, capacity / 2);
        var prompt = overflow == ChatOverflow.Refuse
            ? new FittedPrompt(encoder.Encode(turns).Ids, [])
            : ChatWindow.Fit(encoder, turns, room);
        return prompt.Ids.Length <= room ? new ChatRequest(prompt.Ids, prompt.Dropped.Count, generation) : throw new ConversationTooLongException(
            $"The {(overflow == ChatOverflow.Refuse ? "conversation needs" : "system prompt and the last message need")} {prompt.Ids.Length} tokens, "
            + $"but the context has room for {room} before the reply.",
            "messages");
    }

    /// <summary>What was asked for, in the words of the semantic conventions.</summary>
    public void Describe(GenerativeTrace trace)
    {
        trace.Tag("gen_ai.output.type", "text");
        trace.Tag("gen_ai.request.max_tokens", Generation.MaximumNewTokens);
        trace.Tag("gen_ai.request.temperature", Generation.Temperature);
        trace.Tag("gen_ai.request.top_p", Generation.TopP);
        trace.Tag("gen_ai.request.top_k", Generation.TopK > 0 ? Generation.TopK : null);
        trace.Tag("gen_ai.request.frequency_penalty", Generation.FrequencyPenalty);
        trace.Tag("gen_ai.request.presence_penalty", Generation.PresencePenalty);
        trace.Tag("gen_ai.request.seed", Generation.Seed);
        trace.Tag("gen_ai.request.stop_sequences", Generation.StopStrings.Count > 0 ? Generation.StopStrings.ToArray() : null);
        trace.Tag("gen_ai.response.id", ResponseId);
    }
}
