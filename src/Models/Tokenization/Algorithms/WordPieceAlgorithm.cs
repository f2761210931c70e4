using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models;

/// <summary>Cuts a word into the longest tokens that fit, from its start (BERT); a word that does not fit whole is unknown.</summary>
internal sealed class WordPieceAlgorithm : ITokenAlgorithm
{
    private readonly WordPieceTokenizer _package;
    private readonly PieceCache _cache = new();
    private readonly int _unknownId;
    private readonly int _longestWord;
    private readonly int _maximumCharacters;

    public WordPieceAlgorithm(WordPieceModel model, AlgorithmContext context)
    {
        _unknownId = model.Vocabulary[model.UnknownToken];
        _maximumCharacters = model.MaximumCharacters;

        // A word longer than all of its possible characters in sequence need not be given to the package, whose time grows
        // with the square of the length.
        _longestWord = (int)Math.Min(2L * model.MaximumCharacters, int.MaxValue);
        _package = WordPieceTokenizer.Create(Lines(model, context), new WordPieceOptions
        {
            UnknownToken = model.UnknownToken,
            ContinuingSubwordPrefix = model.Prefix,
            MaxInputCharsPerWord = _longestWord,
        });
    }

    public void Append(ReadOnlySpan<char> piece, List<int> ids)
    {
        // The package counts UTF-16 units, the published algorithm characters.
        if (piece.Length > _longestWord || (piece.Length > _maximumCharacters && CharacterCount(piece) > _maximumCharacters))
        {
            ids.Add(_unknownId);
            return;
        }

        if (!_cache.TryGet(piece, out int[] known))
        {
            known = [.. _package.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false)];
            if (PieceCache.Takes(piece))
            {
                _cache.Add(piece, known);
            }
        }

        ids.AddRange(known.AsSpan());
    }

    private static int CharacterCount(ReadOnlySpan<char> piece)
    {
        int count = 0;
        foreach (Rune _ in piece.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    /// <summary>The vocabulary as the package reads it: a line's number is its token's id, and an empty line is no token.</summary>
    private static MemoryStream Lines(WordPieceModel model, AlgorithmContext context)
    {
        string[] lines = new string[model.Vocabulary.Values.Max() + 1];
        foreach ((string token, int id) in model.Vocabulary)
        {
            // No text may give a special token, and none that has a line end in it reaches this algorithm.
            bool matchable = token == model.UnknownToken || (!context.Reserved.Contains(id) && !token.AsSpan().ContainsAny('\r', '\n'));
            lines[id] = matchable ? token : "";
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }
}
