namespace MLNetLlm.Models;

/// <summary>Something that may go well when it is tried again. It never leaves the hub client.</summary>
internal sealed class HubTransientFailure(string message, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The pause that the server asks for.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
