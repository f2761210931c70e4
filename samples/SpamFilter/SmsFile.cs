using System.Text;

namespace SpamFilter;

/// <summary>
/// Reads <c>label TAB text</c> lines. Nothing is quoted or escaped in such a file: quotation marks are part of the messages.
/// </summary>
internal static class SmsFile
{
    private const int ShownCharacters = 40;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">A line is malformed; the message names file and line.</exception>
    public static IReadOnlyList<Message> Read(string path)
    {
        try
        {
            return File.ReadLines(path, StrictUtf8)
                .Select((line, index) => (Line: line, Number: index + 1))
                .Where(numbered => numbered.Line.Length > 0)
                .Select(numbered => Parse(numbered.Line, path, numbered.Number))
                .ToList();
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{path}: expected UTF-8 text, but found bytes that are not.", exception);
        }
    }

    private static Message Parse(string line, string path, int number)
    {
        var tab = line.IndexOf('\t');
        var label = tab < 0 ? null : line[..tab];
        if (label is not ("ham" or "spam"))
        {
            throw new InvalidDataException(
                $"{path}, line {number}: expected 'ham' or 'spam', a tab and the message, but found '{Shorten(line)}'.");
        }

        var text = line[(tab + 1)..];
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidDataException($"{path}, line {number}: expected a message after '{label}' and the tab, but found nothing.");
        }

        return new Message { Text = text, Label = label == "spam" };
    }

    private static string Shorten(string line) =>
        (line.Length <= ShownCharacters ? line : line[..ShownCharacters] + "…").Replace("\t", "<tab>");
}
