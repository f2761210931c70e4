using System.Text;

namespace MLNetLlm.Models;

/// <summary>The end of every chain: collects the text.</summary>
internal sealed class CollectingStage(StringBuilder text) : IDecodingStage
{
    public void Push(string token, bool isAdded) => text.Append(token);

    public void Complete()
    {
    }
}

/// <summary>Changes each token on its own.</summary>
internal sealed class ReplacingStage(ITextNormalizer replacement, IDecodingStage next) : IDecodingStage
{
    public void Push(string token, bool isAdded) => next.Push(replacement.Normalize(token), isAdded);

    public void Complete() => next.Complete();
}

/// <summary>Spaces between tokens: what a tokenizer without a decoder does.</summary>
internal sealed class SpacingStage(IDecodingStage next) : IDecodingStage
{
    private bool _begun;

    public void Push(string token, bool isAdded)
    {
        next.Push(_begun ? " " + token : token, isAdded);
        _begun = true;
    }

    public void Complete() => next.Complete();
}

/// <summary>WordPiece: a space before each token that does not continue a word.</summary>
internal sealed class WordPieceStage(string prefix, bool cleansUp, IDecodingStage next) : IDecodingStage
{
    private static readonly (string Spaced, string Clean)[] Attached =
        [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")];

    private bool _begun;

    public void Push(string token, bool isAdded)
    {
        bool continues = _begun && token.StartsWith(prefix, StringComparison.Ordinal);
        string text = !_begun ? token : continues ? token[prefix.Length..] : " " + token;
        foreach ((string spaced, string clean) in cleansUp ? Attached : [])
        {
            text = text.Replace(spaced, clean, StringComparison.Ordinal);
        }

        _begun = true;
        next.Push(text, isAdded);
    }

    public void Complete() => next.Complete();
}

/// <summary>SentencePiece's word marks become spaces; the mark that was put before the first word goes.</summary>
internal sealed class MetaspaceStage(char mark, bool dropsFirst, IDecodingStage next) : IDecodingStage
{
    private bool _begun;

    public void Push(string token, bool isAdded)
    {
        bool drops = dropsFirst && !_begun && token.StartsWith(mark);
        _begun = true;
        next.Push((drops ? token[1..] : token).Replace(mark, ' '), isAdded);
    }

    public void Complete() => next.Complete();
}

/// <summary>Removes up to some number of one character at both ends: of each token, or of the whole text.</summary>
internal sealed class StrippingStage(char content, int start, int stop, bool wholeText, IDecodingStage next) : IDecodingStage
{
    private int _removedAtStart;
    private bool _begun;
    private int _held;

    public void Push(string token, bool isAdded)
    {
        int limit = !wholeText ? start : _begun ? 0 : start - _removedAtStart;
        int removed = 0;
        while (removed < limit && removed < token.Length && token[removed] == content)
        {
            removed++;
        }

        // Anything but the character ends the text's beginning.
        _removedAtStart += removed;
        _begun |= removed < token.Length;
        string kept = token[removed..];
        int trailing = Math.Min(stop, kept.Length - kept.TrimEnd(content).Length);
        if (!wholeText)
        {
            next.Push(kept[..^trailing], isAdded);
            return;
        }

        // The text's end may be here or later: what could be removed there waits.
        string pending = new string(content, _held) + kept;
        _held = Math.Min(stop, pending.Length - pending.TrimEnd(content).Length);
        if (pending.Length > _held)
        {
            next.Push(pending[..^_held], isAdded);
        }
    }

    public void Complete() => next.Complete();
}
