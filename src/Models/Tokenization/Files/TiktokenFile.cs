using System.Buffers;
using System.Buffers.Text;

namespace MLNetLlm.Models;

/// <summary>Reads OpenAI's <c>.tiktoken</c> files: on each line a token's bytes in base64 and its rank, which is its id.</summary>
/// <remarks>The Microsoft.ML.Tokenizers data packages hold the same lines with a capacity before them and without ranks.</remarks>
internal static class TiktokenFile
{
    private const string EndOfText = "<|endoftext|>";

    public static TokenizerDefinition Read(TokenizerBytes source)
    {
        Dictionary<string, int> ranks = ReadRanks(source);
        (string expression, AddedToken[] special) = Encoding(source, ranks.Count);
        List<TokenMerge> merges = Merges(ranks, out bool complete);
        return new TokenizerDefinition
        {
            Source = source.Name,
            Model = new BytePairModel { Vocabulary = ranks, Merges = merges, WholePiecesFirst = !complete },
            Sections = TokenizerSections.ByteLevel(expression),
            AddedTokens = special,
        };
    }

    /// <summary>With LLaMA 3's beginning of text before every text; the other encodings of this format add nothing.</summary>
    public static TokenizerDefinition Framed(TokenizerDefinition definition, TokenizerConfiguration configuration)
    {
        AddedToken? beginning = definition.AddedTokens.FirstOrDefault(token => token.Content == "<|begin_of_text|>");
        return beginning is not null && (configuration.Flag("add_bos_token") ?? true)
            ? definition with { Sections = definition.Sections.WithFrame([beginning], [], typesPairs: false) }
            : definition;
    }

    /// <summary>Whether content looks like this format: its first line is base64 text, a space and a number.</summary>
    public static bool Recognises(TokenizerBytes source) =>
        source.Lines().FirstOrDefault().Line is { IsEmpty: false } line
        && (line.Span.StartsWith("Capacity: "u8) || TryParse(line.Span, implicitRank: -1, out _, out _));

    public static Dictionary<string, int> ReadRanks(TokenizerBytes source)
    {
        Dictionary<string, int> ranks = new(StringComparer.Ordinal);
        bool? ranksAreLineNumbers = null;
        int nextRank = 0;
        int lineNumber = 0;
        foreach ((int offset, ReadOnlyMemory<byte> line) in source.Lines())
        {
            lineNumber++;
            if (lineNumber == 1 && line.Span.StartsWith("Capacity: "u8))
            {
                continue;
            }

            // The data packages leave the ranks out; there an empty line is a rank without a token.
            ranksAreLineNumbers ??= line.IsEmpty ? null : line.Span.IndexOf((byte)' ') < 0;
            int implicitRank = ranksAreLineNumbers == true ? nextRank++ : -1;
            if (line.IsEmpty)
            {
                continue;
            }

            if (!TryParse(line.Span, implicitRank, out string token, out int rank))
            {
                throw source.Damaged(offset, $"line {lineNumber} should be base64 text, a space and a rank");
            }

            if (!ranks.TryAdd(token, rank))
            {
                throw source.Damaged(offset, $"line {lineNumber} repeats the token of an earlier line");
            }
        }

        return ranks;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, int implicitRank, out string token, out int rank)
    {
        token = "";
        rank = implicitRank;
        int end = line.Length;
        if (implicitRank < 0)
        {
            end = line.IndexOf((byte)' ');
            if (end < 0 || !Utf8Parser.TryParse(line[(end + 1)..], out rank, out int digits) || digits != line.Length - end - 1 || rank < 0)
            {
                return false;
            }
        }

        byte[] bytes = new byte[end];
        if (Base64.DecodeFromUtf8(line[..end], bytes, out _, out int length) != OperationStatus.Done || length == 0)
        {
            return false;
        }

        token = ByteAlphabet.Spell(bytes.AsSpan(0, length));
        return true;
    }

    // The file itself names neither; the sizes of the public encodings are all different.
    private static (string Expression, AddedToken[] Special) Encoding(TokenizerBytes source, int rankCount) => rankCount switch
    {
        50_256 or 50_280 => (PiecePattern.Gpt2Expression, [new(EndOfText, 50_256, true)]),
        100_256 => (
            PiecePattern.Cl100kExpression,
            [
                new(EndOfText, 100_257, true),
                new("<|fim_prefix|>", 100_258, true),
                new("<|fim_middle|>", 100_259, true),
                new("<|fim_suffix|>", 100_260, true),
                new("<|endofprompt|>", 100_276, true),
            ]),
        128_000 => (PiecePattern.Cl100kExpression, Llama3Tokens()),
        151_643 => (
            PiecePattern.QwenExpression,
            [new(EndOfText, 151_643, true), new("<|im_start|>", 151_644, true), new("<|im_end|>", 151_645, true)]),
        199_998 => (
            PiecePattern.O200kExpression,
            [new(EndOfText, 199_999, true), new("<|endofprompt|>", 200_018, true)]),
        _ => throw new NotSupportedException(
            $"{source.Name}: a tiktoken file should be that of gpt2/r50k_base (50256 ranks), p50k_base (50280), cl100k_base (100256), " +
            $"LLaMA 3 (128000), Qwen (151643) or o200k_base (199998), whose pre-tokenization is known; this one has {rankCount} ranks."),
    };

    /// <summary>The 256 special tokens after LLaMA 3's ranks; a file beside it can give those of a later model other names.</summary>
    private static AddedToken[] Llama3Tokens()
    {
        const int First = 128_000;
        const int Count = 256;
        Dictionary<int, string> named = new()
        {
            [0] = "<|begin_of_text|>",
            [1] = "<|end_of_text|>",
            [6] = "<|start_header_id|>",
            [7] = "<|end_header_id|>",
            [9] = "<|eot_id|>",
        };
        int reserved = 0;
        return Enumerable.Range(0, Count)
            .Select(index => new AddedToken(named.GetValueOrDefault(index) ?? $"<|reserved_special_token_{reserved++}|>", First + index, true))
            .ToArray();
    }

    /// <summary>
    /// Which two tokens each token is merged from. Merging by rank alone inside a token's own bytes goes through the same
    /// steps as inside any text, so the last two parts are the pair that gives the token there too.
    /// </summary>
    private static List<TokenMerge> Merges(Dictionary<string, int> ranks, out bool complete)
    {
        complete = true;
        List<TokenMerge> merges = new(ranks.Count);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string token in ranks.Where(entry => entry.Key.Length > 1).OrderBy(entry => entry.Value).Select(entry => entry.Key))
        {
            List<int> ends = Enumerable.Range(1, token.Length).ToList();
            while (ends.Count > 2 && BestPair(token, ends, lookup) is int best)
            {
                ends.RemoveAt(best);
            }

            if (ends.Count == 2)
            {
                merges.Add(new TokenMerge(token[..ends[0]], token[ends[0]..]));
            }
            else
            {
                complete = false;
            }
        }

        return merges;
    }

    private static int? BestPair(string token, List<int> ends, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ranks)
    {
        int? best = null;
        int bestRank = int.MaxValue;
        for (int i = 0; i + 1 < ends.Count; i++)
        {
            int start = i == 0 ? 0 : ends[i - 1];
            if (ranks.TryGetValue(token.AsSpan(start..ends[i + 1]), out int rank) && rank < bestRank)
            {
                (best, bestRank) = (i, rank);
            }
        }

        return best;
    }
}
