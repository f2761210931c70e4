using System.Text;

namespace Pretraining;

/// <summary>A row of the data, as ML.NET sees it: a piece of the text.</summary>
public sealed class TextPiece
{
    public string Text { get; set; } = "";
}

/// <summary>
/// The text in two parts: its first nine tenths train, the last one validates, as in the published recipe. Each part is cut into
/// pieces at ends of lines, of which nothing is lost: joined they are the part again.
/// </summary>
/// <param name="Training">Pieces of the first part.</param>
/// <param name="Validation">Pieces of the last part.</param>
internal sealed record TextSplit(IReadOnlyList<TextPiece> Training, IReadOnlyList<TextPiece> Validation)
{
    private const int FewestCharacters = 2_000;
    private const int LongestPiece = 1 << 16;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public long TrainingCharacters => Training.Sum(piece => (long)piece.Text.Length);

    public long ValidationCharacters => Validation.Sum(piece => (long)piece.Text.Length);

    /// <exception cref="InvalidDataException">The file is too short, or no UTF-8 text.</exception>
    public static TextSplit Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, StrictUtf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{path}: expected UTF-8 text, but found bytes that are not.", exception);
        }

        if (text.Length < FewestCharacters)
        {
            throw new InvalidDataException($"{path} has {text.Length} characters; at least {FewestCharacters} are needed to learn from and to validate.");
        }

        var cut = (int)(text.Length * 9L / 10);
        cut += char.IsLowSurrogate(text[cut]) ? 1 : 0;
        return new TextSplit(Pieces(text, 0, cut).ToList(), Pieces(text, cut, text.Length).ToList());
    }

    private static IEnumerable<TextPiece> Pieces(string text, int start, int end)
    {
        while (start < end)
        {
            var longest = Math.Min(LongestPiece, end - start);
            var lineEnd = longest < end - start ? text.LastIndexOf('\n', start + longest - 1, longest) : -1;
            var length = lineEnd >= start ? lineEnd + 1 - start : longest;
            length += start + length < end && char.IsLowSurrogate(text[start + length]) ? 1 : 0;
            yield return new TextPiece { Text = text.Substring(start, length) };
            start += length;
        }
    }
}
