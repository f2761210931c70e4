using System.Buffers;
using System.Text;

namespace Packages.Tokenizers.Tests;

public sealed class BertTokenizerSpecifications
{
    private static readonly string[] Vocabulary =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "want", "##ed", "run", ",", "the", "Want", "世", "!", "e"];

    [Fact]
    public void Words_are_cut_into_the_longest_tokens_from_their_start()
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Create(Stream());

        Assert.Equal([5, 6, 7, 8, 9, 1], tokenizer.EncodeToIds("unaffable wanted unwant"));
        Assert.Equal(
            [new EncodedToken(5, "un", 0..2), new EncodedToken(6, "##aff", 2..5), new EncodedToken(7, "##able", 5..9), new EncodedToken(1, "[UNK]", 10..12)],
            tokenizer.EncodeToTokens("unaffable xy", out _));
        Assert.Equal("unaffable want, run", tokenizer.Decode([5, 6, 7, 8, 11, 10]));
        Assert.Equal(1, tokenizer.UnknownTokenId);
    }

    [Fact]
    public void A_word_beyond_the_limit_is_unknown()
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Create(Stream(), new WordPieceOptions { MaxInputCharsPerWord = 8 });

        Assert.Equal([1, 8], tokenizer.EncodeToIds("unaffable want"));
        Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTokenizer.Create(Stream(), new WordPieceOptions { MaxInputCharsPerWord = 0 }));
        Assert.Throws<ArgumentException>(() => WordPieceTokenizer.Create(Stream(), new WordPieceOptions { UnknownToken = "[NONE]" }));
        Assert.Throws<ArgumentNullException>(() => WordPieceTokenizer.Create((Stream)null!));
    }

    [Fact]
    public void A_limit_of_tokens_keeps_words_whole()
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Create(Stream());

        Assert.Equal([8], tokenizer.EncodeToIds("want unaffable", 3, out _, out int consumed));
        Assert.Equal(4, consumed);
        Assert.Equal(5, tokenizer.GetIndexByTokenCountFromEnd("want unaffable", 3, out _, out int count));
        Assert.Equal(3, count);
    }

    [Fact]
    public void Decoding_into_a_buffer_says_what_is_wrong()
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Create(Stream());
        char[] buffer = new char[20];

        Assert.Equal(OperationStatus.Done, tokenizer.Decode([5, 6, 7, 10], buffer, out int consumed, out int written));
        Assert.Equal("unaffable run", new string(buffer, 0, written));
        Assert.Equal(4, consumed);
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode([5, 6], new char[3], out _, out _));
        Assert.Equal(OperationStatus.InvalidData, tokenizer.Decode([999], buffer, out _, out _));
    }

    [Fact]
    public void Bert_puts_its_marks_around_and_lowers_case()
    {
        BertTokenizer tokenizer = BertTokenizer.Create(Stream());

        Assert.Equal([2, 8, 9, 11, 12, 3], tokenizer.EncodeToIds("WanTed, the"));
        Assert.Equal([8, 9], tokenizer.EncodeToIds("Wanted", addSpecialTokens: false));
        Assert.Equal([2, 8, 3], tokenizer.EncodeToIds("want the run", 3, out string? normalized, out int consumed));
        Assert.Equal("want the run", normalized);
        Assert.InRange(consumed, 0, 5);
        Assert.Equal([12, 14, 14, 15], tokenizer.EncodeToIds("the世世!", addSpecialTokens: false));
        Assert.Equal([12, 4, 15], tokenizer.EncodeToIds("the\0 [MASK]!", addSpecialTokens: false));
        Assert.Equal("[CLS] want [SEP]", tokenizer.Decode([2, 8, 3]));
        Assert.Equal("want", tokenizer.Decode([2, 8, 3], skipSpecialTokens: true));
    }

    [Fact]
    public void Bert_can_keep_case_and_leave_marks_alone()
    {
        BertTokenizer tokenizer = BertTokenizer.Create(Stream(), new BertOptions { LowerCaseBeforeTokenization = false });
        Assert.Equal([13], tokenizer.EncodeToIds("Want", addSpecialTokens: false));
        Assert.False(tokenizer.LowerCaseBeforeTokenization);
        Assert.Equal((0, 2, 3, 4), (tokenizer.PaddingTokenId, tokenizer.ClassificationTokenId, tokenizer.SeparatorTokenId, tokenizer.MaskingTokenId));
        Assert.Equal(["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"], tokenizer.SpecialTokens!.Keys);
    }

    [Fact]
    public void Pairs_of_sequences_have_masks_and_types()
    {
        BertTokenizer tokenizer = BertTokenizer.Create(Stream());

        Assert.Equal([2, 8, 3], tokenizer.BuildInputsWithSpecialTokens([8]));
        Assert.Equal([2, 8, 3, 10, 12, 3], tokenizer.BuildInputsWithSpecialTokens([8], [10, 12]));
        Assert.Equal([0, 0, 0, 1, 1, 1], tokenizer.CreateTokenTypeIdsFromSequences([8], [10, 12]));
        Assert.Equal([1, 0, 1, 0, 0, 1], tokenizer.GetSpecialTokensMask([8], [10, 12]));
        Assert.Equal([1, 0, 1], tokenizer.GetSpecialTokensMask([2, 8, 3], alreadyHasSpecialTokens: true));
    }

    [SkippableFact]
    public void The_published_vocabulary_gives_the_published_ids()
    {
        BertTokenizer tokenizer = BertTokenizer.Create(SharedData.File("bert_base_uncased_vocab.txt"));

        Assert.Equal([101, 7592, 1010, 2088, 999, 102], tokenizer.EncodeToIds("Hello, world!"));
        Assert.Equal([101, 19204, 3989, 102], tokenizer.EncodeToIds("Tokenization"));
        Assert.Equal("[CLS] hello, world! [SEP]", tokenizer.Decode(tokenizer.EncodeToIds("Hello, world!")));
        Assert.InRange(tokenizer.CountTokens(SharedData.Text("the-verdict.txt")), 4_500, 5_500);
    }

    private static MemoryStream Stream() => new(Encoding.UTF8.GetBytes(string.Join('\n', Vocabulary)));
}
