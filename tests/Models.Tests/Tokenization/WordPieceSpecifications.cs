using System.Text;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class WordPieceSpecifications
{
    private static readonly Lazy<TextTokenizer> BertTokenizer = new(() => TextTokenizer.Load(TokenizerTestData.SharedFile("bert_base_uncased_vocab.txt")));

    // Published with the model: ids from the documentation of bert-base-uncased and from well-known examples.
    [SkippableTheory]
    [InlineData("Hello, my dog is cute", new[] { 7592, 1010, 2026, 3899, 2003, 10140 })]
    [InlineData("Hello world!", new[] { 7592, 2088, 999 })]
    [InlineData("Replace me by any text you'd like.", new[] { 5672, 2033, 2011, 2151, 3793, 2017, 1005, 1040, 2066, 1012 })]
    [InlineData("Using a Transformer network is simple", new[] { 2478, 1037, 10938, 2121, 2897, 2003, 3722 })]
    public void Published_examples_have_their_ids(string text, int[] ids)
    {
        Assert.Equal(ids, BertTokenizer.Value.Encode(text));
        FramedTokens framed = BertTokenizer.Value.EncodeFramed(text);
        Assert.Equal([101, .. ids, 102], framed.Ids);
        Assert.All(framed.TokenTypeIds, type => Assert.Equal(0, type));
    }

    [SkippableFact]
    public void A_pair_is_framed_with_token_types()
    {
        FramedTokens framed = BertTokenizer.Value.EncodeFramed("hello", "world");

        Assert.Equal([101, 7592, 102, 2088, 102], framed.Ids);
        Assert.Equal([0, 0, 0, 1, 1], framed.TokenTypeIds);
    }

    [SkippableFact]
    public void Roles_have_their_ids()
    {
        TextTokenizer bert = BertTokenizer.Value;
        Assert.Equal((0, 100, 101, 102, 103), (bert.PaddingId, bert.UnknownId, bert.ClassifierId, bert.SeparatorId, bert.MaskId));
        Assert.Equal(30522, bert.VocabularySize);
        Assert.True(bert.HasFrame);
    }
}
