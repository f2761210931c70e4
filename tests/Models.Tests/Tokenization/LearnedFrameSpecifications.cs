namespace MLNetLlm.Models.Tests.Tokenization;

public class LearnedFrameSpecifications
{
    private static readonly string[] Texts = ["to be or not to be", "that is the question"];

    [Fact]
    public void ALearnedTokenizerFramesTextsAndPairsAsBertDoes()
    {
        TextTokenizer tokenizer = BytePairLearner.Learn(Texts, BytePairOptions.Bert with { VocabularySize = 270 });
        int[] ids = tokenizer.Encode("to be");
        (int classifier, int separator) = (tokenizer.ClassifierId!.Value, tokenizer.SeparatorId!.Value);

        Assert.Equal((0, 1, 2, 3), (tokenizer.PaddingId, classifier, separator, tokenizer.MaskId));
        Assert.Null(tokenizer.EndOfTextId);
        Assert.Equal(2, tokenizer.FrameLength);
        Assert.Equal([classifier, .. ids, separator], tokenizer.EncodeFramed("to be").Ids);
        FramedTokens pair = tokenizer.EncodeFramed("to be", "to be");
        Assert.Equal([classifier, .. ids, separator, .. ids, separator], pair.Ids);
        Assert.Equal(1 + ids.Length, pair.TokenTypeIds.Sum());
        Assert.Equal("to be", tokenizer.Decode(tokenizer.EncodeFramed("to be").Ids, skipSpecialTokens: true));
    }

    [Fact]
    public void TheFrameSurvivesTheFile()
    {
        TextTokenizer tokenizer = BytePairLearner.Learn(Texts, BytePairOptions.Bert with { VocabularySize = 270 });
        using MemoryStream file = new();
        tokenizer.Write(file);
        file.Position = 0;

        Assert.Equal(tokenizer.EncodeFramed("not to be").Ids, TextTokenizer.Read(file, "tokenizer.json").EncodeFramed("not to be").Ids);
    }

    [Fact]
    public void AFrameOfTokensThatAreNotSpecialIsRefused()
    {
        BytePairOptions options = new() { Frame = new TextFrame("[CLS]", "[SEP]") };

        Assert.Contains("[CLS]", Assert.Throws<ArgumentException>(options.Validate).Message);
    }
}
