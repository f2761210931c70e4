using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>
/// Conversations as text, for columns and files: a JSON array of messages as chat services exchange them,
/// <c>[{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]</c>. Roles are <c>system</c>, <c>user</c> and
/// <c>assistant</c>; other properties of a message are passed over.
/// </summary>
public static class ConversationJson
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a conversation.</summary>
    /// <param name="json">The array.</param>
    /// <param name="nameForErrors">What error messages call it.</param>
    /// <returns>Perhaps the system's turn, then the user's and the assistant's in turn; none is empty.</returns>
    /// <exception cref="FormatException">It is no such array, or the turns are in another order; the message says where and why.</exception>
    public static IReadOnlyList<ChatTurn> Read(string json, string nameForErrors = "conversation")
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            var turns = document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.EnumerateArray().Select((message, index) => ReadTurn(message, index, nameForErrors)).ToArray()
                : throw Wrong(nameForErrors, $"expected a JSON array of messages, found {document.RootElement.ValueKind}");
            return Conversation.OrderProblem(turns) is { } problem ? throw Wrong(nameForErrors, problem) : turns;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{nameForErrors}: not valid JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a conversation.</summary>
    public static string Write(IEnumerable<ChatTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        var messages = turns.Select(turn => (JsonNode)new JsonObject { ["role"] = NameOf(turn.Role), ["content"] = turn.Content });
        return new JsonArray([.. messages]).ToJsonString(Readable);
    }

    private static ChatTurn ReadTurn(JsonElement message, int index, string nameForErrors)
    {
        var role = ReadText(message, "role", index, nameForErrors);
        return new ChatTurn(
            role switch
            {
                "system" => TurnRole.System,
                "user" => TurnRole.User,
                "assistant" => TurnRole.Assistant,
                _ => throw Wrong(nameForErrors, $"message {index + 1} has the unknown role '{role}'; known are system, user and assistant"),
            },
            ReadText(message, "content", index, nameForErrors));
    }

    private static string ReadText(JsonElement message, string property, int index, string nameForErrors) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw Wrong(nameForErrors, $"message {index + 1} must be an object with a text '{property}'");

    private static string NameOf(TurnRole role) => role switch
    {
        TurnRole.System => "system",
        TurnRole.User => "user",
        _ => "assistant",
    };

    private static FormatException Wrong(string nameForErrors, string problem) => new($"{nameForErrors}: {problem}.");
}
