namespace MLNetLlm.Services;

/// <summary>A conversation that does not fit the context, so that services can tell this mistake from others.</summary>
/// <param name="message">How much is needed and how much there is.</param>
/// <param name="parameterName">The parameter with the conversation.</param>
public sealed class ConversationTooLongException(string message, string parameterName) : ArgumentException(message, parameterName);
