using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// Byte pairs over the characters of a piece, as SentencePiece makes them (LLaMA 2, Mistral): a character that the
/// vocabulary lacks is spelled in bytes or is unknown.
/// </summary>
/// <remarks>
/// Own code: SentencePieceTokenizer in Microsoft.ML.Tokenizers reads only .model files, and BpeTokenizer knows no byte
/// tokens and takes time that grows with the square of a piece's length, which here is a whole text.
/// </remarks>
internal sealed class CharacterBytePair : IMergingAlgorithm
{
    private const char WordMark = '\u2581';

    private readonly BytePairMerger _merger;
    private readonly PieceCache _cache = new();
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _characters;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholePieces;
    private readonly ByteTokens? _bytes;
    private readonly int? _unknownId;
    private readonly bool _fusesUnknown;
    private readonly bool _marksOnlyBegin;

    public CharacterBytePair(BytePairModel model, AlgorithmContext context)
    {
        _merger = new BytePairMerger(model.Vocabulary, model.Merges);
        Dictionary<string, int> ordinary = model.Vocabulary.Where(token => !context.Reserved.Contains(token.Value)).ToDictionary(StringComparer.Ordinal);
        _characters = ordinary.GetAlternateLookup<ReadOnlySpan<char>>();
        _wholePieces = model.WholePiecesFirst ? _characters : null;
        _bytes = model.ByteFallback ? ByteTokens.Find(model.Vocabulary) : null;
        _unknownId = model.UnknownToken is string unknown ? model.Vocabulary[unknown] : null;
        _fusesUnknown = model.FusesUnknown;

        // Then no merge reaches across the start of a word, and words can be looked at, and remembered, one by one.
        _marksOnlyBegin = !model.WholePiecesFirst && model.Merges.All(merge => merge.Joined.TrimStart(WordMark).IndexOf(WordMark) < 0);
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_wholePieces is { } tokens && tokens.TryGetValue(piece, out int whole))
        {
            ids.Add(whole);
            return;
        }

        while (_marksOnlyBegin && !piece.IsEmpty)
        {
            int length = WordLength(piece);
            AppendWord(piece[..length], ids);
            piece = piece[length..];
        }

        AppendUncached(piece, ids);
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids, double dropout, Random random)
    {
        int start = ids.Count;
        AddCharacters(piece, ids, start);
        _merger.Merge(ids, start, dropout, random);
    }

    /// <summary>Marks, then what follows up to the next mark.</summary>
    private static int WordLength(ReadOnlySpan<char> piece)
    {
        int letters = piece.IndexOfAnyExcept(WordMark);
        int next = letters < 0 ? -1 : piece[letters..].IndexOf(WordMark);
        return next < 0 ? piece.Length : letters + next;
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        // Unknown characters on both sides of a word's start become one token: such words are not looked at alone.
        if (!PieceCache.Takes(word) || (_fusesUnknown && _bytes is null))
        {
            AppendUncached(word, ids);
            return;
        }

        if (!_cache.TryGet(word, out int[] known))
        {
            List<int> own = [];
            AppendUncached(word, own);
            known = own.ToArray();
            _cache.Add(word, known);
        }

        ids.AddRange(known.AsSpan());
    }

    private void AppendUncached(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (!piece.IsEmpty)
        {
            int start = ids.Count;
            AddCharacters(piece, ids, start);
            _merger.Merge(ids, start);
        }
    }

    private void AddCharacters(ReadOnlySpan<char> piece, List<int> ids, int start)
    {
        int position = 0;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            ReadOnlySpan<char> character = piece.Slice(position, rune.Utf16SequenceLength);
            position += character.Length;
            if (_characters.TryGetValue(character, out int id))
            {
                ids.Add(id);
            }
            else if (_bytes is not null)
            {
                _bytes.Append(rune, ids);
            }
            else if (_unknownId is int unknown && !(_fusesUnknown && ids.Count > start && ids[^1] == unknown))
            {
                ids.Add(unknown);
            }
        }
    }
}
