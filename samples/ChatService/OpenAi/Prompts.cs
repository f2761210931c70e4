using System.Text.Json;
using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary>What a request wants to be continued, as token ids that fit the context.</summary>
internal static class Prompts
{
    /// <exception cref="FailureException">The messages cannot be used, or are too long.</exception>
    public static int[] Of(ChatCompletionRequest request, ChatModel model)
    {
        if (request.Messages is not { Count: > 0 } messages)
        {
            throw Invalid("'messages' must hold at least one message.", "messages");
        }

        try
        {
            return Fitting(model.Encoder.Encode(TurnsOf(messages)).Ids, model, "messages");
        }
        catch (ArgumentException exception)
        {
            throw Invalid(exception.Message, "messages");
        }
    }

    /// <exception cref="FailureException">The prompt cannot be used, or is too long.</exception>
    public static int[] Of(CompletionRequest request, ChatModel model)
    {
        var prompt = request.Prompt;
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() == 1 && prompt[0].ValueKind is JsonValueKind.String or JsonValueKind.Array)
        {
            prompt = prompt[0];
        }

        var tokenizer = model.LanguageModel.Tokenizer;
        var ids = prompt.ValueKind switch
        {
            JsonValueKind.String => tokenizer.Encode(prompt.GetString()!),
            JsonValueKind.Array => [.. prompt.EnumerateArray().Select(element => TokenId(element, tokenizer.VocabularySize))],
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            _ => throw Invalid("'prompt' must be a text, or an array of token ids.", "prompt"),
        };
        // A new text begins with the token that says so.
        return Fitting(
            ids is { Length: > 0 } ? ids : [tokenizer.BeginningOfTextId ?? tokenizer.EndOfTextId ?? throw Invalid("'prompt' must not be empty for this model.", "prompt")],
            model, "prompt");
    }

    /// <summary>
    /// Messages as turns. Chat services allow what templates do not know: another name of the system's role, and several
    /// messages of one role in a row, which count as one.
    /// </summary>
    private static List<ChatTurn> TurnsOf(IReadOnlyList<ChatMessage> messages)
    {
        var turns = new List<ChatTurn>();
        for (var index = 0; index < messages.Count; index++)
        {
            var parameter = $"messages[{index}]";
            var message = messages[index] ?? throw Invalid($"'{parameter}' must be an object.", parameter);
            var role = message.Role switch
            {
                "system" or "developer" => TurnRole.System,
                "user" => TurnRole.User,
                "assistant" => TurnRole.Assistant,
                null => throw Invalid($"'{parameter}' has no role.", parameter),
                _ => throw Invalid($"'{parameter}' has the unknown role '{message.Role}'; known are system, developer, user and assistant.", parameter),
            };
            if (string.IsNullOrWhiteSpace(message.Content))
            {
                throw Invalid($"'{parameter}' has no content.", parameter);
            }

            if (turns.Count > 0 && turns[^1].Role == role)
            {
                turns[^1] = turns[^1] with { Content = $"{turns[^1].Content}\n\n{message.Content}" };
            }
            else
            {
                turns.Add(new ChatTurn(role, message.Content));
            }
        }

        return turns[^1].Role == TurnRole.User ? turns : throw Invalid("The last of 'messages' must be the user's.", "messages");
    }

    private static int[] Fitting(int[] ids, ChatModel model, string parameter) => ids.Length < model.ContextLength
        ? ids
        : throw new FailureException(new Failure(
            StatusCodes.Status400BadRequest, "context_length_exceeded",
            $"'{parameter}' has {ids.Length} tokens, but the model's context holds {model.ContextLength} with the answer.", parameter));

    private static int TokenId(JsonElement element, int vocabularySize) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0 && id < vocabularySize
            ? id
            : throw Invalid($"'prompt' must be one text, or token ids from 0 to {vocabularySize - 1}; send several prompts one by one.", "prompt");

    private static FailureException Invalid(string message, string parameter) => new(Failure.Invalid(message, parameter));
}
