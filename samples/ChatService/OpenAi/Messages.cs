using Microsoft.Extensions.AI;

namespace ChatService.OpenAi;

/// <summary>The messages of a request as the chat client takes them; what is wrong is told by place.</summary>
internal static class Messages
{
    private static readonly Dictionary<string, ChatRole> Roles = new(StringComparer.Ordinal)
    {
        ["system"] = ChatRole.System,
        ["developer"] = ChatRole.System,
        ["user"] = ChatRole.User,
        ["assistant"] = ChatRole.Assistant,
    };

    /// <exception cref="FailureException">There are none, or one cannot be used.</exception>
    public static IReadOnlyList<ChatMessage> Of(ChatCompletionRequest request) => request.Messages is { Count: > 0 } messages
        ? [.. messages.Select((message, index) => Of(message, $"messages[{index}]"))]
        : throw new FailureException(Failure.Invalid("'messages' must hold at least one message.", "messages"));

    private static ChatMessage Of(RequestMessage? message, string place) =>
        message is null ? throw Invalid(place, "must be an object")
        : message.Role is null ? throw Invalid(place, "has no role")
        : !Roles.TryGetValue(message.Role, out var role) ? throw Invalid(place, $"has the unknown role '{message.Role}'; known are {string.Join(", ", Roles.Keys)}")
        : string.IsNullOrWhiteSpace(message.Content) ? throw Invalid(place, "has no content")
        : new ChatMessage(role, message.Content);

    private static FailureException Invalid(string place, string problem) => new(Failure.Invalid($"'{place}' {problem}.", place));
}
