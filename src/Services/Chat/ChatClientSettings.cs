using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>Settings of <see cref="LanguageModelChatClient"/>.</summary>
public sealed record ChatClientSettings
{
    /// <summary>What the model is called in responses, metadata and traces; a request for another one is refused.</summary>
    public string ModelId { get; init; } = "language-model";

    /// <summary>How replies are written where a request does not say so itself.</summary>
    public GenerationOptions Generation { get; init; } = new() { MaximumNewTokens = 256 };

    /// <summary>Most tokens of a reply; a request for more gets this many. <see langword="null"/> leaves it to the context.</summary>
    public int? MaximumOutputTokens { get; init; }

    /// <summary>What happens to a conversation that is longer than the context: forget its oldest exchanges, or refuse it.</summary>
    public ChatOverflow Overflow { get; init; } = ChatOverflow.DropOldestTurns;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(ModelId))
        {
            throw new ArgumentException($"{nameof(ChatClientSettings)}.{nameof(ModelId)} must not be empty.", nameof(ModelId));
        }

        ArgumentNullException.ThrowIfNull(Generation);
        Generation.Validate();
        if (MaximumOutputTokens < 1)
        {
            throw new ArgumentException(
                $"{nameof(ChatClientSettings)}.{nameof(MaximumOutputTokens)} must be at least 1, but is {MaximumOutputTokens}.", nameof(MaximumOutputTokens));
        }

        if (!Enum.IsDefined(Overflow))
        {
            throw new ArgumentException($"{nameof(ChatClientSettings)}.{nameof(Overflow)} must be a policy, but is {Overflow}.", nameof(Overflow));
        }
    }
}
