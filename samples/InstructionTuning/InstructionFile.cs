using System.Text.Json;

namespace InstructionTuning;

/// <summary>A row of the data, as ML.NET sees it.</summary>
internal sealed class InstructionRow
{
    public string Instruction { get; set; } = "";

    public string Input { get; set; } = "";

    public string Output { get; set; } = "";
}

/// <summary>Reads a JSON array of objects with <c>instruction</c>, <c>input</c> (which may be missing) and <c>output</c>.</summary>
internal static class InstructionFile
{
    /// <exception cref="InvalidDataException">The file holds something else; the message names the place.</exception>
    public static IReadOnlyList<InstructionRow> Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException($"'{path}' must hold a JSON array of instructions, but holds {document.RootElement.ValueKind}.");
            }

            return document.RootElement.EnumerateArray().Select((element, index) => ReadRow(element, index, path)).ToList();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON: {exception.Message}", exception);
        }
    }

    private static InstructionRow ReadRow(JsonElement element, int index, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'{path}': entry {index + 1} must be an object, but is {element.ValueKind}.");
        }

        return new InstructionRow
        {
            Instruction = Text("instruction", isRequired: true),
            Input = Text("input", isRequired: false),
            Output = Text("output", isRequired: true),
        };

        string Text(string property, bool isRequired)
        {
            var text = element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            return isRequired && string.IsNullOrWhiteSpace(text)
                ? throw new InvalidDataException($"'{path}': entry {index + 1} has no text '{property}'.")
                : text;
        }
    }
}
