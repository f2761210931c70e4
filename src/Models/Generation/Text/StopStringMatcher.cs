namespace MLNetLlm.Models;

/// <summary>Finds stop strings in a text that comes in pieces, and holds back what may be the beginning of one.</summary>
internal sealed class StopStringMatcher(IReadOnlyList<string> stops)
{
    private string held = "";

    /// <summary>Whether a stop string was found; nothing that follows it is text.</summary>
    public bool IsMatched { get; private set; }

    /// <returns>Text that is certain now.</returns>
    public string Push(string piece)
    {
        if (IsMatched || piece.Length == 0)
        {
            return "";
        }

        var text = held + piece;
        var found = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).DefaultIfEmpty(-1).Min();
        IsMatched = found >= 0;
        var certain = IsMatched ? found : text.Length - stops.Select(stop => LongestBeginningAtEnd(text, stop)).DefaultIfEmpty(0).Max();
        held = IsMatched ? "" : text[certain..];
        return text[..certain];
    }

    /// <returns>What was held back: no more text comes that could complete a stop string.</returns>
    public string Flush()
    {
        var rest = held;
        held = "";
        return rest;
    }

    private static int LongestBeginningAtEnd(string text, string stop)
    {
        for (var length = Math.Min(stop.Length - 1, text.Length); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
