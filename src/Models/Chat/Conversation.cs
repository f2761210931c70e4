namespace MLNetLlm.Models;

/// <summary>The order that the turns of a conversation have: perhaps the system's, then the user's and the assistant's in turn.</summary>
internal static class Conversation
{
    /// <summary>What is wrong with the order; <see langword="null"/> if nothing is.</summary>
    public static string? OrderProblem(IReadOnlyList<ChatTurn> turns)
    {
        var expected = TurnRole.User;
        for (var index = 0; index < turns.Count; index++)
        {
            var (role, content) = turns[index];
            if (role == TurnRole.System)
            {
                if (index > 0)
                {
                    return $"turn {index + 1} is the system's, which can only be the first";
                }

                continue;
            }

            if (role != expected)
            {
                return $"turn {index + 1} must be the {Name(expected)}'s, but is the {Name(role)}'s";
            }

            if (string.IsNullOrWhiteSpace(content))
            {
                return $"turn {index + 1}, the {Name(role)}'s, is empty";
            }

            expected = role == TurnRole.User ? TurnRole.Assistant : TurnRole.User;
        }

        return turns.Any(turn => turn.Role == TurnRole.User) ? null : "there is no turn of the user";
    }

    private static string Name(TurnRole role) => role == TurnRole.User ? "user" : "assistant";
}
