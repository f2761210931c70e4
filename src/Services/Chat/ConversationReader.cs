using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// Messages as the turns that a template writes: the system's first, then the user's and the assistant's in turn. Neighbouring
/// messages of one role become one turn; an assistant that said nothing is passed over.
/// </summary>
internal static class ConversationReader
{
    private const string BetweenMessages = "\n\n";
    private static readonly ChatRole Developer = new("developer");

    public static IReadOnlyList<ChatTurn> Read(IEnumerable<ChatMessage> messages, string? instructions)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var turns = new List<ChatTurn>();
        if (!string.IsNullOrWhiteSpace(instructions))
        {
            turns.Add(ChatTurn.System(instructions));
        }

        foreach (var (message, index) in messages.Select((message, index) => (message, index)))
        {
            Add(turns, RoleOf(message, index), TextOf(message, index), index);
        }

        return turns.Count > 0 && turns[^1].Role == TurnRole.User
            ? turns
            : throw new ArgumentException("The last message must be the user's: it is what the model replies to.", nameof(messages));
    }

    private static void Add(List<ChatTurn> turns, TurnRole role, string text, int index)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            if (role == TurnRole.User)
            {
                throw new ArgumentException($"messages[{index}], the user's, is empty.", "messages");
            }

            return;
        }

        if (turns.Count > 0 && turns[^1].Role == role)
        {
            turns[^1] = turns[^1] with { Content = turns[^1].Content + BetweenMessages + text };
        }
        else
        {
            turns.Add(new ChatTurn(role, text));
        }
    }

    private static TurnRole RoleOf(ChatMessage message, int index)
    {
        ArgumentNullException.ThrowIfNull(message, $"messages[{index}]");
        return message.Role == ChatRole.System || message.Role == Developer ? TurnRole.System
            : message.Role == ChatRole.User ? TurnRole.User
            : message.Role == ChatRole.Assistant ? TurnRole.Assistant
            : throw new NotSupportedException($"messages[{index}] has the role '{message.Role}'; this model knows system, user and assistant.");
    }

    private static string TextOf(ChatMessage message, int index) =>
        message.Contents.FirstOrDefault(content => content is not TextContent) is { } other
            ? throw new NotSupportedException($"messages[{index}] has a {other.GetType().Name}; this model reads text only.")
            : message.Text;
}
