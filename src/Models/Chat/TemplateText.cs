namespace MLNetLlm.Models;

/// <summary>What a piece of a template's text is.</summary>
internal enum PieceKind
{
    /// <summary>Ordinary text of the template.</summary>
    Text,

    /// <summary>A special token of the template.</summary>
    SpecialToken,

    /// <summary>The tokenizer's end-of-text token.</summary>
    EndOfText,

    /// <summary>A turn's own text.</summary>
    Content,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">How it is written.</param>
/// <param name="IsResponse">Whether it is to be learned: a response, or what ends one.</param>
internal readonly record struct TemplatePiece(PieceKind Kind, string Text, bool IsResponse = false);

/// <summary>Splits a template's text at its slots and special tokens.</summary>
internal static class TemplateText
{
    public static IReadOnlyList<TemplatePiece> Parse(string text, IReadOnlyList<string> specialTokens)
    {
        // The longest first, where one begins like another.
        var marks = specialTokens.Select(token => new TemplatePiece(PieceKind.SpecialToken, token))
            .Append(new TemplatePiece(PieceKind.EndOfText, ChatTemplate.EndOfTextSlot))
            .Append(new TemplatePiece(PieceKind.Content, ChatTemplate.ContentSlot))
            .OrderByDescending(mark => mark.Text.Length)
            .ToArray();
        var pieces = new List<TemplatePiece>();
        for (int start = 0, position = 0; start < text.Length;)
        {
            var mark = position < text.Length
                ? Array.Find(marks, candidate => text.AsSpan(position).StartsWith(candidate.Text, StringComparison.Ordinal))
                : default;
            if (mark.Text is null && position < text.Length)
            {
                position++;
                continue;
            }

            if (position > start)
            {
                pieces.Add(new TemplatePiece(PieceKind.Text, text[start..position]));
            }

            if (mark.Text is not null)
            {
                pieces.Add(mark);
                position += mark.Text.Length;
            }

            start = position;
        }

        return pieces;
    }
}
