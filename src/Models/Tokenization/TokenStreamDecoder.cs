using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// Turns ids into text one by one, as a model generates them. What it gives back, put together, is what
/// <see cref="TextTokenizer.Decode(IEnumerable{int}, bool)"/> gives for all ids at once; half a character is never among it.
/// </summary>
/// <remarks>For one sequence and one thread at a time.</remarks>
public sealed class TokenStreamDecoder
{
    private readonly TokenTable _tokens;
    private readonly bool _skipsSpecialTokens;
    private readonly StringBuilder _text = new();
    private readonly IDecodingStage _first;

    internal TokenStreamDecoder(TokenTable tokens, TokenDecoder decoder, bool skipsSpecialTokens)
    {
        _tokens = tokens;
        _skipsSpecialTokens = skipsSpecialTokens;
        _first = decoder.Start(_text);
    }

    /// <summary>The text that is complete with this id; empty while a character's bytes are not all there.</summary>
    /// <param name="id">From 0 on. An id without a token adds nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public string Push(int id)
    {
        Feed(id);
        return Take();
    }

    /// <summary>Ends the sequence: what was kept back, the bytes of an unfinished character as U+FFFD. No id may follow.</summary>
    public string Flush()
    {
        _first.Complete();
        return Take();
    }

    internal void Feed(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        if (_tokens.TryGet(id, out string token, out AddedToken? added) && !(_skipsSpecialTokens && added is { Special: true }))
        {
            _first.Push(token, added is not null);
        }
    }

    internal string Take()
    {
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
