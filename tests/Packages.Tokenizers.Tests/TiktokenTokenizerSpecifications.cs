using System.Buffers;
using System.Text;

namespace Packages.Tokenizers.Tests;

public sealed class TiktokenTokenizerSpecifications
{
    private static readonly Dictionary<string, int> Special = new() { ["<end>"] = 300 };

    [Fact]
    public void Pieces_are_merged_by_rank_and_special_tokens_are_found()
    {
        TiktokenTokenizer tokenizer = Create();

        Assert.Equal([256 + 1, 'c', 300], tokenizer.EncodeToIds("abc<end>"));
        Assert.Equal("abc<end>", tokenizer.Decode([257, 'c', 300]));
        Assert.Equal(Special, tokenizer.SpecialTokens);
        Assert.Equal(3, tokenizer.CountTokens("abc<end>"));
    }

    [Fact]
    public void Tokens_that_share_a_character_each_cover_all_of_it()
    {
        IReadOnlyList<EncodedToken> tokens = Create().EncodeToTokens("éa", out _);

        Assert.Equal([0xC3, 0xA9, 'a'], tokens.Select(token => token.Id));
        Assert.Equal(["é", "é", "a"], tokens.Select(token => token.Value));
        Assert.Equal([0..1, 0..1, 1..2], tokens.Select(token => token.Offset));
    }

    [Fact]
    public void A_limit_never_cuts_a_character()
    {
        TiktokenTokenizer tokenizer = Create();

        Assert.Equal(['x'], tokenizer.EncodeToIds("xé", 2, out _, out int consumed));
        Assert.Equal(1, consumed);
        Assert.Equal(1, tokenizer.GetIndexByTokenCountFromEnd("éxé", 4, out _, out int count));
        Assert.Equal(3, count);
    }

    [Fact]
    public void Unfinished_characters_are_reported()
    {
        TiktokenTokenizer tokenizer = Create();

        Assert.Equal("\uFFFD", tokenizer.Decode([0xC3]));
        Assert.Equal(OperationStatus.NeedMoreData, tokenizer.Decode([0xC3], new char[9], out int consumed, out _));
        Assert.Equal(0, consumed);
        Assert.Equal(OperationStatus.InvalidData, tokenizer.Decode([9999], new char[9], out _, out _));
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(['a', 'b'], new char[1], out _, out _));
    }

    [Fact]
    public void A_damaged_file_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Load("YQ== 0 1\n"));
        Assert.Throws<InvalidOperationException>(() => Load("?? 0\n"));
        Assert.Throws<InvalidOperationException>(() => Load("YQ== x\n"));
        Assert.Throws<ArgumentNullException>(() => TiktokenTokenizer.Create((Stream)null!, null, null));
        Assert.Equal([1], Load("Capacity: 2\nYQ==\nYg==\n").EncodeToIds("b"));
    }

    [Fact]
    public void Models_are_known_by_name()
    {
        Assert.Throws<NotSupportedException>(() => TiktokenTokenizer.CreateForModel("no-such-model", new MemoryStream("YQ== 0\n"u8.ToArray())));
        Assert.Throws<ArgumentException>(() => TiktokenTokenizer.CreateForEncoding("no_such_encoding"));
    }

    [SkippableTheory]
    [InlineData("gpt2", "r50k_base.tiktoken", new[] { 15496, 11, 995, 0 }, 5145)]
    [InlineData("gpt-4", "cl100k_base.tiktoken", new[] { 9906, 11, 1917, 0 }, 4943)]
    public void Published_ranks_give_the_published_ids(string model, string file, int[] hello, int storyLength)
    {
        using FileStream ranks = File.OpenRead(SharedData.File(file));
        TiktokenTokenizer tokenizer = TiktokenTokenizer.CreateForModel(model, ranks);

        Assert.Equal(hello, tokenizer.EncodeToIds("Hello, world!"));
        string story = SharedData.Text("the-verdict.txt");
        IReadOnlyList<int> ids = tokenizer.EncodeToIds(story);
        Assert.Equal(storyLength, ids.Count);
        Assert.Equal(story, tokenizer.Decode(ids));
    }

    private static TiktokenTokenizer Create()
    {
        StringBuilder ranks = new();
        for (int value = 0; value < 256; value++)
        {
            ranks.Append(Convert.ToBase64String([(byte)value])).Append(' ').Append(value).Append('\n');
        }

        ranks.Append(Convert.ToBase64String("bc"u8)).Append(" 258\n");
        ranks.Append(Convert.ToBase64String("ab"u8)).Append(" 257\n");
        return TiktokenTokenizer.Create(Stream(ranks.ToString()), PreTokenizer.CreateWordOrNonWord(Special), null, Special);
    }

    private static TiktokenTokenizer Load(string ranks) => TiktokenTokenizer.Create(Stream(ranks), null, null);

    private static MemoryStream Stream(string text) => new(Encoding.ASCII.GetBytes(text));
}
