using System.Text;

namespace MLNetLlm.Models;

/// <summary>Joins bytes to characters; a character is passed on when its last byte is there, bytes that are no UTF-8 as U+FFFD.</summary>
internal sealed class ByteJoiner(IDecodingStage next)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public void Push(ReadOnlySpan<byte> bytes, bool flush = false)
    {
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length) + 1];
        int count = _decoder.GetChars(bytes, characters, flush);
        if (count > 0)
        {
            next.Push(new string(characters, 0, count), isAdded: false);
        }
    }

    public void Flush() => Push([], flush: true);
}

/// <summary>Tokens in GPT-2's byte alphabet.</summary>
internal sealed class ByteLevelStage(IDecodingStage next) : IDecodingStage
{
    private readonly ByteJoiner _bytes = new(next);

    public void Push(string token, bool isAdded)
    {
        byte[] bytes = new byte[token.Length];
        int count = 0;
        while (!isAdded && count < bytes.Length && ByteAlphabet.TryGetByte(token[count], out bytes[count]))
        {
            count++;
        }

        if (count == token.Length)
        {
            _bytes.Push(bytes);
            return;
        }

        // Not in the alphabet: text as it is, and no continuation of the bytes before it.
        _bytes.Flush();
        next.Push(token, isAdded);
    }

    public void Complete()
    {
        _bytes.Flush();
        next.Complete();
    }
}

/// <summary>SentencePiece's tokens for single bytes among other tokens.</summary>
internal sealed class ByteFallbackStage(IDecodingStage next) : IDecodingStage
{
    private readonly ByteJoiner _bytes = new(next);

    public void Push(string token, bool isAdded)
    {
        if (!isAdded && ByteTokens.TryGetByte(token, out byte value))
        {
            _bytes.Push([value]);
            return;
        }

        _bytes.Flush();
        next.Push(token, isAdded);
    }

    public void Complete()
    {
        _bytes.Flush();
        next.Complete();
    }
}
