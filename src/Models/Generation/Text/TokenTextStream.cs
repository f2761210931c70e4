using System.Text;

namespace MLNetLlm.Models;

/// <summary>Turns ids of a byte-level tokenizer into text one by one; half a character is never given out.</summary>
internal sealed class TokenTextStream(TextTokenizer tokenizer)
{
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly Dictionary<int, string> special = tokenizer.SpecialTokens.ToDictionary(pair => pair.Value, pair => pair.Key);

    public string Push(int id)
    {
        if (special.ContainsKey(id) || id >= tokenizer.VocabularySize)
        {
            return "";
        }

        var bytes = new List<byte>();
        foreach (var character in tokenizer.TokenOf(id))
        {
            if (ByteAlphabet.TryGetByte(character, out var value))
            {
                bytes.Add(value);
            }
        }

        return Decode([.. bytes], flush: false);
    }

    public string Flush() => Decode([], flush: true);

    private string Decode(byte[] bytes, bool flush)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        return new string(characters, 0, decoder.GetChars(bytes, characters, flush));
    }
}
