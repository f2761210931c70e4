using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Turns ids back into text for <see cref="BpeTokenizer"/>.</summary>
internal sealed class BpeDecoder
{
    private readonly BpeTokenizer _tokenizer;
    private readonly Dictionary<int, string> _tokens = [];
    private readonly Dictionary<int, string> _specialTokens = [];
    private readonly int? _unknownId;

    public BpeDecoder(BpeTokenizer tokenizer, Dictionary<string, int> vocabulary)
    {
        _tokenizer = tokenizer;
        foreach ((string token, int id) in vocabulary)
        {
            _tokens.Add(id, token);
        }

        foreach ((string token, int id) in tokenizer.SpecialTokens ?? new Dictionary<string, int>())
        {
            _specialTokens.Add(id, token);
        }

        _unknownId = tokenizer.UnknownToken is string unknown && vocabulary.TryGetValue(unknown, out int unknownId) ? unknownId : null;
    }

    public string TokenOf(int id) => _tokens[id];

    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens) =>
        _tokenizer.ByteLevel ? DecodeByteLevel(ids, considerSpecialTokens) : DecodeCharacters(ids, considerSpecialTokens);

    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten) =>
        _tokenizer.ByteLevel
            ? DecodeByteLevel(ids, destination, considerSpecialTokens, out idsConsumed, out charsWritten)
            : DecodeCharacters(ids, destination, considerSpecialTokens, out idsConsumed, out charsWritten);

    private string DecodeByteLevel(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        List<byte> bytes = [];
        foreach (int id in ids)
        {
            if (_specialTokens.TryGetValue(id, out string? special))
            {
                if (considerSpecialTokens)
                {
                    ByteAlphabet.AppendBytes(special, bytes);
                }
            }
            else if (_tokens.TryGetValue(id, out string? token))
            {
                ByteAlphabet.AppendBytes(WithoutAffixes(token), bytes);
            }
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    private string DecodeCharacters(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        StringBuilder text = new();
        foreach (int id in ids)
        {
            bool special = _specialTokens.TryGetValue(id, out string? token);
            if (special || id == _unknownId)
            {
                text.Append(considerSpecialTokens ? token ?? _tokenizer.UnknownToken : "");
            }
            else if (_tokens.TryGetValue(id, out token))
            {
                text.Append(token);
            }
        }

        string decoded = text.ToString();
        if (_tokenizer.EndOfWordSuffix is { Length: > 0 } suffix)
        {
            decoded = decoded.EndsWith(suffix, StringComparison.Ordinal) ? decoded[..^suffix.Length] : decoded;
            decoded = decoded.Replace(suffix, " ", StringComparison.Ordinal);
        }

        return _tokenizer.ContinuingSubwordPrefix is { Length: > 0 } prefix
            ? decoded.Replace(prefix, "", StringComparison.Ordinal)
            : decoded;
    }

    private OperationStatus DecodeByteLevel(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        idsConsumed = 0;
        charsWritten = 0;
        int idsPending = 0;
        List<byte> bytes = [];
        List<char> characters = [];
        foreach (int id in ids)
        {
            idsPending++;
            if (_specialTokens.TryGetValue(id, out string? special))
            {
                if (bytes.Count > 0 && considerSpecialTokens)
                {
                    return OperationStatus.InvalidData;
                }

                characters.AddRange(considerSpecialTokens ? special : "");
            }
            else if (_tokens.TryGetValue(id, out string? token))
            {
                ByteAlphabet.AppendBytes(WithoutAffixes(token), bytes);
                if (!Utf8.TryDecode(CollectionsMarshal.AsSpan(bytes), characters, out int bytesConsumed))
                {
                    return OperationStatus.InvalidData;
                }

                bytes.RemoveRange(0, bytesConsumed);
            }
            else
            {
                return OperationStatus.InvalidData;
            }

            if (bytes.Count > 0)
            {
                continue;
            }

            if (!CollectionsMarshal.AsSpan(characters).TryCopyTo(destination[charsWritten..]))
            {
                return OperationStatus.DestinationTooSmall;
            }

            charsWritten += characters.Count;
            idsConsumed += idsPending;
            idsPending = 0;
            characters.Clear();
        }

        return OperationStatus.Done;
    }

    private OperationStatus DecodeCharacters(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        idsConsumed = 0;
        charsWritten = 0;
        bool skipUnknown = _unknownId is null || !considerSpecialTokens;
        bool spaceDue = false;
        foreach (int id in ids)
        {
            if (!(skipUnknown && id == _unknownId) && _tokens.TryGetValue(id, out string? token))
            {
                string piece = (spaceDue ? " " : "") + WithoutAffixes(token).ToString();
                if (!piece.TryCopyTo(destination[charsWritten..]))
                {
                    return OperationStatus.DestinationTooSmall;
                }

                charsWritten += piece.Length;
                spaceDue = _tokenizer.EndOfWordSuffix is { Length: > 0 } suffix && token.EndsWith(suffix, StringComparison.Ordinal);
            }

            idsConsumed++;
        }

        return OperationStatus.Done;
    }

    private ReadOnlySpan<char> WithoutAffixes(string token)
    {
        ReadOnlySpan<char> piece = token;
        if (_tokenizer.EndOfWordSuffix is string suffix && piece.EndsWith(suffix, StringComparison.Ordinal))
        {
            piece = piece[..^suffix.Length];
        }

        if (_tokenizer.ContinuingSubwordPrefix is string prefix && piece.StartsWith(prefix, StringComparison.Ordinal))
        {
            piece = piece[prefix.Length..];
        }

        return piece;
    }
}
