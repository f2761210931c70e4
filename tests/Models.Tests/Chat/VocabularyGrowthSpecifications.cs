using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Chat;

public class VocabularyGrowthSpecifications
{
    private static readonly int[] Row = [70, 80, 90, 100];

    [Fact]
    public void Padding_rows_of_the_embedding_take_new_special_tokens()
    {
        using var model = TestNetworks.CreateLanguageModel();

        using var grown = model.ForTemplate(ChatTemplate.Llama3);

        Assert.Equal(model.Config.VocabularySize, grown.Config.VocabularySize);
        Assert.Equal(model.Tokenizer.VocabularySize + 4, grown.Tokenizer.VocabularySize);
        Assert.All(ChatTemplate.Llama3.SpecialTokens, token => Assert.True(grown.Tokenizer.SpecialTokens.ContainsKey(token)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_padding_the_embedding_grows_and_the_old_tokens_keep_their_scores(bool tied)
    {
        using var padded = TestNetworks.CreateLanguageModel();
        var size = padded.Tokenizer.VocabularySize;
        using var model = LanguageModel.Create(
            TestNetworks.SmallConfig with { VocabularySize = size, TiedEmbeddings = tied }, padded.Tokenizer, Precision.Float32, CPU, seed: 3);
        model.Network.eval();

        using var grown = model.ForTemplate(ChatTemplate.ChatML);

        Assert.Equal((size + 2 + 63) / 64 * 64, grown.Config.VocabularySize);
        using var before = Logits(model);
        using var after = Logits(grown);
        Assert.Equal(0, TestNetworks.LargestDifference(before, after.narrow(2, 0, size)), 6);
        // A new token begins as the mean of the others, so that its score is the mean of theirs.
        Assert.Equal(0, TestNetworks.LargestDifference(before.mean([2]), after.select(2, grown.Tokenizer.SpecialTokens["<|im_end|>"])), 5);
    }

    [Fact]
    public void The_grown_model_survives_a_checkpoint()
    {
        using var model = TestNetworks.CreateLanguageModel();
        using var grown = model.ForTemplate(ChatTemplate.ChatML);
        using var directory = new TemporaryDirectory();

        grown.Save(directory.Path);
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");

        Assert.Equal(grown.Tokenizer.SpecialTokens.OrderBy(token => token.Value), loaded.Tokenizer.SpecialTokens.OrderBy(token => token.Value));
        Assert.Equal(grown.Tokenizer.EndOfTextId, loaded.Tokenizer.EndOfTextId);
    }

    [Fact]
    public void Known_special_tokens_keep_their_ids_and_the_model_is_only_copied()
    {
        using var model = TestNetworks.CreateLanguageModel();
        using var once = model.ForTemplate(ChatTemplate.ChatML);

        using var twice = once.ForTemplate(ChatTemplate.ChatML);

        Assert.Equal(once.Tokenizer.SpecialTokens, twice.Tokenizer.SpecialTokens);
        using var before = Logits(once);
        using var after = Logits(twice);
        Assert.Equal(0, TestNetworks.LargestDifference(before, after));
    }

    [Fact]
    public void A_tokenizer_without_an_end_of_text_token_gets_one_where_the_template_needs_it()
    {
        var tokenizer = BytePairLearner.Learn(["the cat sat on the mat"], new BytePairOptions { VocabularySize = 270, SpecialTokens = [] });
        using var model = LanguageModel.Create(TestNetworks.SmallConfig, tokenizer, Precision.Float32, CPU, seed: 1);

        using var grown = model.ForTemplate(ChatTemplate.Alpaca);

        Assert.Null(tokenizer.EndOfTextId);
        Assert.Equal(tokenizer.VocabularySize, grown.Tokenizer.EndOfTextId);
    }

    private static Tensor Logits(LanguageModel model)
    {
        using var noGradient = no_grad();
        using var ids = TestNetworks.Ids(Row);
        using var hidden = model.Network.call(ids);
        return model.Network.Logits(hidden);
    }
}
