using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How far learning a vocabulary has come.</summary>
/// <param name="Tokens">Tokens so far.</param>
/// <param name="VocabularySize">Tokens asked for.</param>
public readonly record struct BytePairProgress(int Tokens, int VocabularySize);

/// <summary>
/// Learns a byte-level byte-pair vocabulary from text (Sennrich, Haddow, Birch 2016, on the bytes of GPT-2's pieces).
/// </summary>
/// <remarks>
/// Starting from single bytes, the most frequent pair of neighbouring tokens becomes a token, again and again. Of pairs
/// that are equally frequent, the one with the lowest ids comes first, so the result depends on the text alone. Ids, as
/// Hugging Face's trainer gives them: special tokens from 0 on, the 256 bytes in the order of their characters in GPT-2's
/// alphabet, then the merges in the order in which they were learned.
/// </remarks>
public static class BytePairLearner
{
    private const int TextsBetweenChecks = 1024;
    private const int TokensBetweenReports = 64;

    /// <summary>Learns from all texts; each is read once and in order.</summary>
    /// <param name="texts">Texts; null and empty ones count for nothing.</param>
    /// <param name="options">Size, minimum frequency and special tokens.</param>
    /// <param name="cancellationToken">Stops the work with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told every 64 tokens and at the end; null for silence.</param>
    /// <returns>A tokenizer with at most <see cref="BytePairOptions.VocabularySize"/> tokens.</returns>
    public static TextTokenizer Learn(
        IEnumerable<string?> texts,
        BytePairOptions options,
        CancellationToken cancellationToken = default,
        IProgress<BytePairProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        List<string> tokens = [.. options.SpecialTokens, .. ByteAlphabet.SortedCharacters.Select(character => character.ToString())];
        Dictionary<string, int> vocabulary = tokens.Select(KeyValuePair.Create).ToDictionary(StringComparer.Ordinal);
        PairCounts counts = new(CountPieces(texts, cancellationToken), vocabulary);
        List<TokenMerge> merges = [];
        HashSet<(int Left, int Right)> learned = [];
        while (tokens.Count < options.VocabularySize && counts.TryTakeBest(options.MinimumFrequency, out (int Left, int Right) pair))
        {
            cancellationToken.ThrowIfCancellationRequested();
            TokenMerge merge = new(tokens[pair.Left], tokens[pair.Right]);

            // A mark stays a mark: no text may be encoded as one.
            if (options.SpecialTokens.Contains(merge.Joined))
            {
                continue;
            }

            // Two different pairs can spell the same token: it keeps its one id.
            if (!vocabulary.TryGetValue(merge.Joined, out int id))
            {
                id = tokens.Count;
                tokens.Add(merge.Joined);
                vocabulary.Add(merge.Joined, id);
                if (tokens.Count % TokensBetweenReports == 0)
                {
                    progress?.Report(new BytePairProgress(tokens.Count, options.VocabularySize));
                }
            }

            // A pair can come up again after such a token appeared another way; its first rank is the one that counts.
            if (learned.Add(pair))
            {
                merges.Add(merge);
            }

            counts.Merge(pair, id);
        }

        progress?.Report(new BytePairProgress(tokens.Count, options.VocabularySize));
        List<AddedToken> special = options.SpecialTokens.Select((token, id) => new AddedToken(token, id, Special: true)).ToList();
        TokenizerSections sections = TokenizerSections.ByteLevel();
        return new TextTokenizer(new TokenizerDefinition
        {
            Model = new BytePairModel { Vocabulary = vocabulary, Merges = merges },
            Sections = options.Frame is TextFrame frame ? sections.WithFrame([Of(frame.Before)], [Of(frame.After)], typesPairs: true) : sections,
            AddedTokens = special,
        });

        AddedToken Of(string token) => special.Single(added => added.Content == token);
    }

    private static Dictionary<string, long> CountPieces(IEnumerable<string?> texts, CancellationToken cancellationToken)
    {
        Dictionary<string, long> pieces = new(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        int textCount = 0;
        foreach (string? text in texts)
        {
            if (textCount++ % TextsBetweenChecks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            ReadOnlySpan<char> valid = UnicodeText.ReplaceLoneSurrogates(text ?? "");
            foreach (ValueMatch piece in PiecePattern.Gpt2.EnumerateMatches(valid))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, valid.Slice(piece.Index, piece.Length), out _)++;
            }
        }

        return pieces;
    }
}
