using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models;

/// <summary>Byte pairs over the bytes of a piece (GPT-2, LLaMA 3, Qwen): every string has ids.</summary>
internal sealed class ByteLevelBytePair : IMergingAlgorithm
{
    // Microsoft.ML.Tokenizers needs time and copies that grow with the square of a piece's length: no matter for words,
    // seconds for a message of 100,000 letters without a space. Longer pieces than this are merged by our own code.
    private const int LongestPieceForPackage = 1_000;

    // Of the package's classes, BpeTokenizer is the one that takes a vocabulary and merges from memory and knows byte-level
    // spelling. TiktokenTokenizer reads ranks from a stream only, and keeps its special tokens in the same cache as words,
    // from which they are evicted. Special tokens and pre-tokenization stay outside of it here, because it parses a piece
    // that equals a special token even where the text is only data, it writes lone surrogates as bytes that do not decode,
    // and characters between two matches of an expression would be lost.
    private readonly BpeTokenizer _package;
    private readonly Lazy<BytePairMerger> _merger;
    private readonly PieceCache _cache = new();
    private readonly int[] _idOfByte = new int[256];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholePieces;

    public ByteLevelBytePair(BytePairModel model, AlgorithmContext context)
    {
        _package = BpeTokenizer.Create(new BpeOptions(model.Vocabulary)
        {
            Merges = model.Merges.Select(merge => $"{merge.Left} {merge.Right}"),
            ByteLevel = true,
        });
        _merger = new Lazy<BytePairMerger>(() => new BytePairMerger(model.Vocabulary, model.Merges));
        for (int value = 0; value < 256; value++)
        {
            _idOfByte[value] = model.Vocabulary[ByteAlphabet.Spell((byte)value)];
        }

        if (model.WholePiecesFirst)
        {
            _wholePieces = model.Vocabulary.Where(token => !context.Reserved.Contains(token.Value))
                .ToDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        }
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (!PieceCache.Takes(piece))
        {
            AppendUncached(piece, ids);
            return;
        }

        if (!_cache.TryGet(piece, out int[] known))
        {
            List<int> own = [];
            AppendUncached(piece, own);
            known = own.ToArray();
            _cache.Add(piece, known);
        }

        ids.AddRange(known.AsSpan());
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids, double dropout, Random random)
    {
        int start = ids.Count;
        AddBytes(piece, ids);
        _merger.Value.Merge(ids, start, dropout, random);
    }

    private void AppendUncached(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_wholePieces is { } tokens && tokens.TryGetValue(ByteAlphabet.Spell(Encoding.UTF8.GetBytes(piece.ToString())), out int whole))
        {
            ids.Add(whole);
        }
        else if (piece.Length <= LongestPieceForPackage)
        {
            ids.AddRange(_package.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
        }
        else
        {
            int start = ids.Count;
            AddBytes(piece, ids);
            _merger.Value.Merge(ids, start);
        }
    }

    private void AddBytes(ReadOnlySpan<char> piece, List<int> ids)
    {
        foreach (byte value in Encoding.UTF8.GetBytes(piece.ToString()))
        {
            ids.Add(_idOfByte[value]);
        }
    }
}
