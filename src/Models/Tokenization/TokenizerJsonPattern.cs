using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Reads the <c>pre_tokenizer</c> of a <c>tokenizer.json</c> into the expressions that cut text into pieces.</summary>
internal static class TokenizerJsonPattern
{
    /// <returns>Null when there is no ByteLevel step in it.</returns>
    public static PiecePattern? Read(JsonElement preTokenizer, TokenizerBytes source)
    {
        List<string> expressions = [];
        bool byteLevel = false;
        foreach (JsonElement step in Steps(preTokenizer))
        {
            switch (TypeOf(step))
            {
                case "ByteLevel":
                    byteLevel = true;
                    if (Flag(step, "add_prefix_space", missing: true))
                    {
                        throw new NotSupportedException(
                            $"{source.Name}: a ByteLevel pre-tokenizer that adds a space before the text is not supported; expected add_prefix_space false.");
                    }

                    if (Flag(step, "use_regex", missing: true))
                    {
                        expressions.Add(PiecePattern.Gpt2Expression);
                    }

                    break;
                case "Split":
                    expressions.Add(SplitExpression(step, source));
                    break;
                case "Digits":
                    expressions.Add(Flag(step, "individual_digits", missing: false) ? @"\p{N}" : @"\p{N}+");
                    break;
                case string type:
                    throw new NotSupportedException(
                        $"{source.Name}: the pre-tokenizer {type} is not supported; supported are ByteLevel, Split and Digits.");
            }
        }

        if (!byteLevel)
        {
            return null;
        }

        try
        {
            return PiecePattern.Create(expressions);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{source.Name}: the pre-tokenizer's expression is not a valid one: {exception.Message}", exception);
        }
    }

    public static string TypeOf(JsonElement step) =>
        step.ValueKind == JsonValueKind.Object && step.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : "without a type";

    private static IEnumerable<JsonElement> Steps(JsonElement preTokenizer)
    {
        if (preTokenizer.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        bool sequence = TypeOf(preTokenizer) == "Sequence"
            && preTokenizer.TryGetProperty("pretokenizers", out JsonElement list)
            && list.ValueKind == JsonValueKind.Array;
        return sequence ? preTokenizer.GetProperty("pretokenizers").EnumerateArray() : [preTokenizer];
    }

    private static string SplitExpression(JsonElement step, TokenizerBytes source)
    {
        string behavior = step.TryGetProperty("behavior", out JsonElement value) ? value.ToString() : "";
        bool invert = Flag(step, "invert", missing: false);

        // Removing what does not match is how some converters say "keep the matches"; their expressions match everything.
        if (!(behavior == "Isolated" && !invert) && !(behavior == "Removed" && invert))
        {
            throw new NotSupportedException(
                $"{source.Name}: a Split pre-tokenizer with behavior '{behavior}' and invert {invert} is not supported; expected Isolated, not inverted.");
        }

        if (step.TryGetProperty("pattern", out JsonElement pattern) && pattern.ValueKind == JsonValueKind.Object)
        {
            if (pattern.TryGetProperty("Regex", out JsonElement regex) && regex.ValueKind == JsonValueKind.String)
            {
                return regex.GetString()!;
            }

            if (pattern.TryGetProperty("String", out JsonElement literal) && literal.ValueKind == JsonValueKind.String)
            {
                return System.Text.RegularExpressions.Regex.Escape(literal.GetString()!);
            }
        }

        throw new InvalidDataException($"{source.Name}: a Split pre-tokenizer should have a pattern with 'Regex' or 'String'.");
    }

    private static bool Flag(JsonElement step, string name, bool missing) =>
        step.TryGetProperty(name, out JsonElement value) ? value.ValueKind == JsonValueKind.True : missing;
}
