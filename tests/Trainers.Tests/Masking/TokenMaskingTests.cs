using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Masking;

public class TokenMaskingTests
{
    private static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(
        Corpus.Messages(60).Select(message => message.Text), BytePairOptions.Bert with { VocabularySize = 320 });

    private static readonly int[] Text = Enumerable.Range(0, 100).Select(position => 10 + position).ToArray();

    private static int Boundary => Tokenizer.SeparatorId!.Value;

    [Fact]
    public void Of_the_chosen_tokens_most_are_masked_some_replaced_and_some_kept()
    {
        var masking = new TokenMasking(Tokenizer, new MaskingOptions());
        var (masked, replaced, kept) = (0, 0, 0);
        for (var place = 0; place < 400; place++)
        {
            var (inputs, targets) = masking.Mask(Text, seed: 3, epoch: 1, place);
            var chosen = Enumerable.Range(0, inputs.Length).Where(position => targets[position] != LanguageModelLoss.Ignored).ToList();
            Assert.Equal(15, chosen.Count);
            Assert.All(chosen, position => Assert.Equal(Text[position - 1], targets[position]));
            Assert.All(Enumerable.Range(1, 100).Except(chosen), position => Assert.Equal(Text[position - 1], inputs[position]));
            masked += chosen.Count(position => inputs[position] == Tokenizer.MaskId);
            kept += chosen.Count(position => inputs[position] == targets[position]);
            replaced += chosen.Count(position => inputs[position] != targets[position] && inputs[position] != Tokenizer.MaskId);
        }

        Assert.InRange(masked / 6000.0, 0.78, 0.82);
        Assert.InRange(replaced / 6000.0, 0.08, 0.12);
        Assert.InRange(kept / 6000.0, 0.08, 0.12);
    }

    [Fact]
    public void What_is_hidden_depends_on_seed_epoch_and_place_and_on_nothing_else()
    {
        var masking = new TokenMasking(Tokenizer, new MaskingOptions());
        int[] Inputs(int seed, int epoch, long place) => new TokenMasking(Tokenizer, new MaskingOptions()).Mask(Text, seed, epoch, place).Inputs;

        masking.Mask(Text, 9, 9, 9);
        Assert.Equal(masking.Mask(Text, 1, 2, 3).Inputs, Inputs(1, 2, 3));
        Assert.NotEqual(Inputs(1, 2, 3), Inputs(2, 2, 3));
        Assert.NotEqual(Inputs(1, 2, 3), Inputs(1, 3, 3));
        Assert.NotEqual(Inputs(1, 2, 3), Inputs(1, 2, 4));
    }

    [Fact]
    public void Rows_are_framed_and_special_tokens_are_never_hidden()
    {
        var masking = new TokenMasking(Tokenizer, new MaskingOptions { Share = 0.9 });

        var (inputs, targets) = masking.Mask([Boundary, 20, 21, Boundary, 22, 23, Boundary], seed: 1, epoch: 0, place: 0);

        Assert.Equal(7, inputs.Length);
        Assert.Equal((Tokenizer.ClassifierId, Boundary, Boundary), (inputs[0], inputs[3], inputs[6]));
        Assert.All(new[] { 0, 3, 6 }, position => Assert.Equal(LanguageModelLoss.Ignored, targets[position]));
        Assert.Equal(4, targets.Count(target => target != LanguageModelLoss.Ignored));
    }

    [Fact]
    public void The_shortest_text_has_one_token_to_find_out()
    {
        var (inputs, targets) = new TokenMasking(Tokenizer, new MaskingOptions()).Mask([42], seed: 1, epoch: 0, place: 0);

        Assert.Equal(3, inputs.Length);
        Assert.Equal([LanguageModelLoss.Ignored, 42, LanguageModelLoss.Ignored], targets);
    }

    [Theory]
    [InlineData(0, 0.8, 0.1, "Share")]
    [InlineData(double.NaN, 0.8, 0.1, "Share")]
    [InlineData(0.15, 1.1, 0, "MaskedShare")]
    [InlineData(0.15, 0.8, 0.3, "RandomShare")]
    public void Shares_that_cannot_be_are_refused_by_name(double share, double masked, double random, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentOutOfRangeException>(
            () => new MaskingOptions { Share = share, MaskedShare = masked, RandomShare = random }.Validate()).Message);
}
