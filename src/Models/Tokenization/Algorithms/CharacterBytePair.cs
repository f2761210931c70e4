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
    private readonly BytePairMerger _merger;
    private readonly MarkedWords? _words;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _characters;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholePieces;
    private readonly ByteTokens? _bytes;
    private readonly int? _unknownId;
    private readonly bool _fusesUnknown;

    public CharacterBytePair(BytePairModel model, AlgorithmContext context)
    {
        _merger = new BytePairMerger(model.Vocabulary, model.Merges);
        Dictionary<string, int> ordinary = model.Vocabulary.Where(token => !context.Reserved.Contains(token.Value)).ToDictionary(StringComparer.Ordinal);
        _characters = ordinary.GetAlternateLookup<ReadOnlySpan<char>>();
        _wholePieces = model.WholePiecesFirst ? _characters : null;
        _bytes = model.ByteFallback ? ByteTokens.Find(model.Vocabulary) : null;
        _unknownId = model.UnknownToken is string unknown ? model.Vocabulary[unknown] : null;
        _fusesUnknown = model.FusesUnknown;

        // Unknown characters on both sides of a word's start become one token: then words cannot be looked at alone.
        bool fusesAcross = _fusesUnknown && _bytes is null && _unknownId is not null;
        bool byWords = !model.WholePiecesFirst && !fusesAcross && MarkedWords.MarksBegin(model.Merges.Select(merge => merge.Joined));
        _words = byWords ? new MarkedWords(AppendWhole) : null;
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_wholePieces is { } tokens && tokens.TryGetValue(piece, out int whole))
        {
            ids.Add(whole);
            return;
        }

        if (_words is not null)
        {
            _words.Append(piece, ids);
            return;
        }

        AppendWhole(piece, ids);
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids, double dropout, Random random)
    {
        int start = ids.Count;
        AddCharacters(piece, ids, start);
        _merger.Merge(ids, start, dropout, random);
    }

    private void AppendWhole(ReadOnlySpan<char> piece, List<int> ids)
    {
        int start = ids.Count;
        AddCharacters(piece, ids, start);
        _merger.Merge(ids, start);
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
