using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>Reads the <c>pattern</c> of a step: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternReader
{
    public static (string? Literal, Regex? Expression) Read(JsonSection step)
    {
        JsonSection pattern = step.Required("pattern", "an object with 'String' or 'Regex'");
        if (pattern.Find("String") is JsonSection literal)
        {
            string text = literal.AsText();
            return text.Length > 0 ? (text, null) : throw literal.Expected("a string that is not empty");
        }

        JsonSection expression = pattern.Find("Regex") ?? throw pattern.Expected("an object with 'String' or 'Regex'");
        try
        {
            return (null, PiecePattern.Compile(expression.AsText()));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{expression.Expected("a regular expression").Message} {exception.Message}", exception);
        }
    }
}
