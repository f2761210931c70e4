using System.Diagnostics;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class BytePairLearnerSpecifications
{
    private const int Bytes = 256;

    // Sennrich et al. 2016, figure 1, without end-of-word marks.
    private static readonly string[] Sennrich =
        [.. Enumerable.Repeat("low", 5), .. Enumerable.Repeat("lower", 2), .. Enumerable.Repeat("newest", 6), .. Enumerable.Repeat("widest", 3)];

    [Fact]
    public void Merges_of_a_corpus_worked_out_by_hand_come_in_the_right_order()
    {
        TextTokenizer tokenizer = Learn(Sennrich, Bytes + 12, minimumFrequency: 1);

        // Counts 9 es, est; 7 lo, low; 6 ew, new, newest; 3 dest, idest, widest; 2 er, lower. Ties go to the lower ids.
        Assert.Equal(
            ["es", "est", "lo", "low", "ew", "new", "newest", "dest", "idest", "widest", "er", "lower"],
            Enumerable.Range(Bytes, 12).Select(tokenizer.TokenOf));
        Assert.Equal([Bytes + 3, Bytes + 1], tokenizer.Encode("lowest"));
    }

    [Fact]
    public void A_pair_rarer_than_the_minimum_frequency_is_not_merged()
    {
        TextTokenizer tokenizer = Learn(Sennrich, 4096, minimumFrequency: 3);

        Assert.Equal(Bytes + 10, tokenizer.VocabularySize);
        Assert.Equal("widest", tokenizer.TokenOf(tokenizer.VocabularySize - 1));
    }

    [Fact]
    public void Pairs_of_one_repeated_letter_are_merged_from_the_left()
    {
        TextTokenizer tokenizer = Learn(["aaaaaaa"], Bytes + 2, minimumFrequency: 1);

        Assert.Equal("aa", tokenizer.TokenOf(Bytes));
        Assert.Equal("aaaa", tokenizer.TokenOf(Bytes + 1));
        Assert.Equal(["aaaa", "aa", "a"], tokenizer.Encode("aaaaaaa").Select(tokenizer.TokenOf));
    }

    [Fact]
    public void Ids_are_special_tokens_then_bytes_in_alphabet_order_then_merges()
    {
        BytePairOptions options = new() { VocabularySize = 2 + Bytes + 1, SpecialTokens = ["<|endoftext|>", "<pad>"] };
        TextTokenizer tokenizer = BytePairLearner.Learn(["ee ee"], options);

        Assert.Equal(["<|endoftext|>", "<pad>", "!", "\""], Enumerable.Range(0, 4).Select(tokenizer.TokenOf));
        Assert.Equal("ee", tokenizer.TokenOf(2 + Bytes));
        Assert.Equal(0, tokenizer.EndOfTextId);
        Assert.Equal(1, tokenizer.PaddingId);
        Assert.Null(tokenizer.BeginningOfTextId);
        Assert.Equal(new Dictionary<string, int> { ["<|endoftext|>"] = 0, ["<pad>"] = 1 }, tokenizer.SpecialTokens);
    }

    [Fact]
    public void No_text_is_ever_encoded_as_a_special_token_that_is_spelled_like_a_word()
    {
        BytePairOptions options = new() { VocabularySize = 300, SpecialTokens = ["hello"], MinimumFrequency = 1 };
        TextTokenizer tokenizer = BytePairLearner.Learn(Enumerable.Repeat("hello", 10), options);

        Assert.DoesNotContain(0, tokenizer.Encode("hello hello"));
        Assert.Equal("hello hello", tokenizer.Decode(tokenizer.Encode("hello hello")));
        Assert.Equal([0], tokenizer.Encode("hello", allowSpecialTokens: true));
    }

    [SkippableFact]
    public void Merges_on_a_short_story_equal_the_literal_algorithms()
    {
        string story = File.ReadAllText(TokenizerTestData.SharedFile("the-verdict.txt"));
        const int MergeCount = 500;
        List<(string Left, string Right)> literal = LiteralBytePair.Learn(story, MergeCount, minimumFrequency: 2);

        TextTokenizer tokenizer = Learn([story], Bytes + MergeCount, minimumFrequency: 2);

        Assert.Equal(
            literal.Select(merge => merge.Left + merge.Right),
            Enumerable.Range(Bytes, MergeCount).Select(id => Latin1Bytes(tokenizer.TokenOf(id))));
        Assert.Equal(
            LiteralBytePair.Encode(story, literal),
            tokenizer.Encode(story).Select(id => Latin1Bytes(tokenizer.TokenOf(id))));
    }

    [Fact]
    public void Merges_on_text_with_bytes_of_many_scripts_equal_the_literal_algorithms()
    {
        List<(string Left, string Right)> literal = LiteralBytePair.Learn(TokenizerTestData.Corpus, 150, minimumFrequency: 1);

        // Two merges can spell the same token, which then counts once.
        List<string> tokens = literal.Select(merge => merge.Left + merge.Right).Distinct().ToList();
        TextTokenizer tokenizer = Learn([TokenizerTestData.Corpus], Bytes + tokens.Count, minimumFrequency: 1);

        Assert.InRange(tokens.Count, 100, 149);
        Assert.Equal(tokens, Enumerable.Range(Bytes, tokens.Count).Select(id => Latin1Bytes(tokenizer.TokenOf(id))));
    }

    [SkippableFact]
    public void A_megabyte_gives_4096_tokens_within_seconds()
    {
        string plays = File.ReadAllText(TokenizerTestData.SharedFile("tinyshakespeare_input.txt"));
        Stopwatch watch = Stopwatch.StartNew();

        TextTokenizer tokenizer = BytePairLearner.Learn([plays], new BytePairOptions());

        Assert.Equal(4096, tokenizer.VocabularySize);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"Learning took {watch.Elapsed}.");
        Assert.Equal(plays, tokenizer.Decode(tokenizer.Encode(plays)));
    }

    [Fact]
    public void A_long_text_without_spaces_is_learned_in_time_that_grows_no_faster_than_it()
    {
        Random random = new(1);
        string letters = string.Concat(Enumerable.Range(0, 100_000).Select(_ => (char)('a' + random.Next(26))));
        Stopwatch watch = Stopwatch.StartNew();

        TextTokenizer tokenizer = BytePairLearner.Learn([letters], new BytePairOptions { VocabularySize = 1000 });

        Assert.Equal(1000, tokenizer.VocabularySize);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"Learning took {watch.Elapsed}.");
        Assert.Equal(letters, tokenizer.Decode(tokenizer.Encode(letters)));
    }

    [Fact]
    public void Empty_and_missing_texts_leave_the_bytes()
    {
        TextTokenizer tokenizer = BytePairLearner.Learn([null, "", null], new BytePairOptions());

        Assert.Equal(1 + Bytes, tokenizer.VocabularySize);
        Assert.Equal("still everything", tokenizer.Decode(tokenizer.Encode("still everything")));
    }

    [Fact]
    public void The_same_texts_give_the_same_file_whatever_their_order()
    {
        string[] texts = TokenizerTestData.Corpus.Split('\n');
        byte[] forward = TokenizerTestData.Written(Learn(texts, 350, 1));
        byte[] backward = TokenizerTestData.Written(Learn(texts.Reverse(), 350, 1));

        Assert.Equal(forward, backward);
    }

    [Fact]
    public void A_vocabulary_smaller_than_bytes_and_special_tokens_is_refused_by_name()
    {
        BytePairOptions options = new() { VocabularySize = 257, SpecialTokens = ["<a>", "<b>"] };

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => BytePairLearner.Learn(["x"], options));

        Assert.Equal(nameof(BytePairOptions.VocabularySize), error.ParamName);
        Assert.Contains("at least 258", error.Message);
        Assert.Contains("found 257", error.Message);
    }

    [Fact]
    public void Settings_without_sense_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(BytePairOptions.MinimumFrequency), () => new BytePairOptions { MinimumFrequency = 0 }.Validate());
        Assert.Throws<ArgumentException>(nameof(BytePairOptions.SpecialTokens), () => new BytePairOptions { SpecialTokens = [""] }.Validate());
        Assert.Throws<ArgumentException>(nameof(BytePairOptions.SpecialTokens), () => new BytePairOptions { SpecialTokens = ["x"] }.Validate());
        Assert.Throws<ArgumentException>(nameof(BytePairOptions.SpecialTokens), () => new BytePairOptions { SpecialTokens = ["<a>", "<a>"] }.Validate());
    }

    [Fact]
    public void Learning_stops_when_cancelled_and_reports_how_far_it_came()
    {
        using CancellationTokenSource cancellation = new();
        List<BytePairProgress> reports = [];
        Reporter reporter = new(report =>
        {
            reports.Add(report);
            cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() =>
            BytePairLearner.Learn([TokenizerTestData.Corpus], new BytePairOptions { MinimumFrequency = 1 }, cancellation.Token, reporter));

        BytePairProgress only = Assert.Single(reports);
        Assert.Equal(4096, only.VocabularySize);
        Assert.InRange(only.Tokens, 258, 4096);
    }

    private static TextTokenizer Learn(IEnumerable<string> texts, int size, int minimumFrequency) =>
        BytePairLearner.Learn(texts, new BytePairOptions { VocabularySize = size, MinimumFrequency = minimumFrequency, SpecialTokens = [] });

    /// <summary>A token's bytes, from GPT-2's alphabet, as Latin-1 characters.</summary>
    private static string Latin1Bytes(string token)
    {
        List<int> others = Enumerable.Range(0, 256).Where(value => value is not ((>= 33 and <= 126) or (>= 161 and <= 172) or >= 174)).ToList();
        return string.Concat(token.Select(character => character < 256 ? character : (char)others[character - 256]));
    }

    private sealed class Reporter(Action<BytePairProgress> report) : IProgress<BytePairProgress>
    {
        public void Report(BytePairProgress value) => report(value);
    }
}
