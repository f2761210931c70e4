using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>Why a reply ended, in the words of chat services.</summary>
public static class FinishReasons
{
    /// <summary>The service shut down before the reply was written to its end.</summary>
    public static ChatFinishReason Cancelled { get; } = new("cancelled");

    /// <summary>The finish reason for the engine's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reason is none.</exception>
    public static ChatFinishReason Of(FinishReason reason) => reason switch
    {
        FinishReason.StopToken or FinishReason.StopString => ChatFinishReason.Stop,
        FinishReason.Length or FinishReason.ContextOverflow => ChatFinishReason.Length,
        FinishReason.Cancelled => Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No such reason is known."),
    };
}
