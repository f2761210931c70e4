using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// Finds the pieces whose scores, which are log probabilities, have the largest sum (Kudo 2018; Viterbi's algorithm), in
/// time proportional to the text's length.
/// </summary>
/// <remarks>
/// Own code: SentencePieceTokenizer in Microsoft.ML.Tokenizers reads only .model files, so that a tokenizer could not be
/// saved and loaded again, and it gives one unknown token per character where SentencePiece gives one for all in a row.
/// </remarks>
internal sealed class UnigramAlgorithm : ITokenAlgorithm
{
    private const double UnknownPenalty = 10;

    private readonly PieceTrie _trie;
    private readonly double[] _scores;
    private readonly int? _unknownId;
    private readonly double _unknownScore;
    private readonly ByteTokens? _bytes;
    private readonly MarkedWords? _words;

    public UnigramAlgorithm(UnigramModel model, AlgorithmContext context)
    {
        _scores = model.Pieces.Select(piece => piece.Score).ToArray();
        _unknownId = model.UnknownId;
        _bytes = model.ByteFallback ? ByteTokens.Find(model.Vocabulary) : null;
        HashSet<int> unmatched = [.. context.Reserved, .. _bytes?.Ids ?? []];
        if (model.UnknownId is int unknown)
        {
            unmatched.Add(unknown);
        }

        var matched = model.Vocabulary.Where(token => token.Key.Length > 0 && !unmatched.Contains(token.Value)).ToList();
        _trie = new PieceTrie(matched.Select(token => (token.Key, token.Value)));
        _unknownScore = matched.Select(token => _scores[token.Value]).DefaultIfEmpty().Min() - UnknownPenalty;

        // With a token for the mark itself, unknown characters in a row end where a word does.
        bool byWords = matched.Any(token => token.Key == "\u2581") && MarkedWords.MarksBegin(matched.Select(token => token.Key));
        _words = byWords ? new MarkedWords(AppendWhole) : null;
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_words is not null)
        {
            _words.Append(piece, ids);
            return;
        }

        AppendWhole(piece, ids);
    }

    private void AppendWhole(ReadOnlySpan<char> piece, List<int> ids)
    {
        // The best way to reach each place: its score, the place it comes from and the token between them.
        (double Score, int Start, int Id)[] best = new (double, int, int)[piece.Length + 1];
        Array.Fill(best, (double.NegativeInfinity, -1, -1), 1, piece.Length);
        int characterLength;
        for (int start = 0; start < piece.Length; start += characterLength)
        {
            characterLength = char.IsHighSurrogate(piece[start]) && start + 1 < piece.Length ? 2 : 1;
            double here = best[start].Score;
            bool hasCharacter = false;
            int node = _trie.Root(piece[start]);
            for (int end = start + 1; node >= 0; end++)
            {
                int id = _trie.IdAt(node);
                if (id >= 0)
                {
                    hasCharacter |= end - start == characterLength;
                    Offer(best, end, here + _scores[id], start, id);
                }

                node = end < piece.Length ? _trie.Child(node, piece[end]) : -1;
            }

            if (!hasCharacter)
            {
                Offer(best, start + characterLength, here + _unknownScore, start, -1);
            }
        }

        AppendPath(best, piece, ids);
    }

    private static void Offer((double Score, int Start, int Id)[] best, int end, double score, int start, int id)
    {
        if (best[end].Start < 0 || score > best[end].Score)
        {
            best[end] = (score, start, id);
        }
    }

    private void AppendPath((double Score, int Start, int Id)[] best, ReadOnlySpan<char> piece, List<int> ids)
    {
        List<(int Start, int Id)> path = [];
        for (int end = piece.Length; end > 0; end = best[end].Start)
        {
            path.Add((best[end].Start, best[end].Id));
        }

        bool afterUnknown = false;
        for (int i = path.Count - 1; i >= 0; i--)
        {
            (int start, int id) = path[i];
            if (id >= 0)
            {
                ids.Add(id);
            }
            else if (_bytes is not null)
            {
                Rune.DecodeFromUtf16(piece[start..], out Rune character, out _);
                _bytes.Append(character, ids);
            }
            else if (_unknownId is int unknown && !afterUnknown)
            {
                ids.Add(unknown);
            }

            afterUnknown = id < 0;
        }
    }
}
