namespace MLNetLlm.Models;

/// <summary>Why a model could not be had from the Hub.</summary>
public enum HubFailure
{
    /// <summary>The server does not answer, or not with success, after all attempts.</summary>
    Unreachable,

    /// <summary>The model is private or gated, or the token is not accepted.</summary>
    AccessDenied,

    /// <summary>There is no such repository, revision or file.</summary>
    NotFound,

    /// <summary>Offline, and the cache does not hold the model, or not all of it.</summary>
    NotCached,

    /// <summary>The repository has no weights or configuration that this library reads; nothing was downloaded.</summary>
    NotUsable,

    /// <summary>What the server sent is not what it announced; it was deleted.</summary>
    Damaged,

    /// <summary>The disk of the cache has too little space; the download was not begun.</summary>
    DiskFull,
}

/// <summary>A model could not be had from the Hub. The message never holds a token.</summary>
public sealed class HubException : IOException
{
    /// <summary>A failure.</summary>
    /// <param name="failure">Its kind.</param>
    /// <param name="message">What was expected and what was found.</param>
    /// <param name="innerException">The cause.</param>
    public HubException(HubFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public HubFailure Failure { get; }
}
