using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Generation;

public class TextGeneratorSpecifications : IDisposable
{
    private static readonly GenerationOptions Greedy = new() { MaximumNewTokens = 12, StopAtEndOfText = false };

    private readonly LanguageModel model = TestNetworks.CreateLanguageModel();

    private TextGenerator Generator => new(model);

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void KeptKeysAndValuesGiveTheTokensOfAWholeForwardPass(Precision precision)
    {
        model.Network.Precision = precision;
        foreach (var prompt in TestNetworks.RandomRows(5, 1, 4, 9))
        {
            Assert.Equal(WithoutCache(prompt, 12), Generator.Continue([prompt], Greedy)[0]);
        }
    }

    [Fact]
    public void SeveralTextsAreContinuedAsEachAlone()
    {
        var prompts = TestNetworks.RandomRows(6, 4, 7, 4, 1, 7, 4);
        var together = Generator.Continue(prompts, Greedy);
        Assert.All(prompts.Zip(together), pair => Assert.Equal(Generator.Continue([pair.First], Greedy)[0], pair.Second));
    }

    [Fact]
    public void ATextMayOutgrowTheContext()
    {
        var prompt = TestNetworks.RandomRows(7, 50)[0];
        var written = Generator.Continue([prompt], Greedy with { MaximumNewTokens = 100 })[0];
        Assert.Equal(100, written.Length);
        // Only the last tokens can be seen, so the first new one is that of the end alone.
        Assert.Equal(Generator.Continue([prompt[^32..]], Greedy with { MaximumNewTokens = 1 })[0], written[..1]);
    }

    [Fact]
    public void AContinuationStopsAtTheEndOfText()
    {
        var end = model.Tokenizer.EndOfTextId!.Value;
        MakeLikeliest(end);
        Assert.Empty(Generator.Continue([[1, 2]], Greedy with { StopAtEndOfText = true })[0]);
        Assert.Equal(Enumerable.Repeat(end, 12), Generator.Continue([[1, 2]], Greedy)[0]);
    }

    [Fact]
    public void EntriesThatPadTheVocabularyAreNeverWritten()
    {
        MakeLikeliest(model.Tokenizer.VocabularySize);
        Assert.True(model.Tokenizer.VocabularySize < model.Config.VocabularySize);
        Assert.All(
            Generator.Continue([[1], [2]], Greedy with { Temperature = 2, Seed = 1 }).SelectMany(row => row),
            id => Assert.InRange(id, 0, model.Tokenizer.VocabularySize - 1));
    }

    [Fact]
    public void TheSameSeedDrawsTheSameTokens()
    {
        var options = Greedy with { Temperature = 1, Seed = 4 };
        var first = Generator.Continue([[1, 2, 3], [4]], options);
        Assert.Equal(first, Generator.Continue([[1, 2, 3], [4]], options));
        Assert.NotEqual(first, Generator.Continue([[1, 2, 3], [4]], options with { Seed = 5 }));
    }

    [Fact]
    public void TopKOfOneAndATinyTopPAreGreedy()
    {
        var greedy = Generator.Continue([[1, 2, 3]], Greedy)[0];
        Assert.Equal(greedy, Generator.Continue([[1, 2, 3]], Greedy with { Temperature = 5, TopK = 1 })[0]);
        Assert.Equal(greedy, Generator.Continue([[1, 2, 3]], Greedy with { Temperature = 1, TopP = 1e-9 })[0]);
    }

    [Fact]
    public void TopKDrawsFromTheLikeliestInTheirProportions()
    {
        using var scope = NewDisposeScope();
        float[] probabilities;
        using (no_grad())
        {
            var logits = model.Network.Logits(model.Network.call(TestNetworks.Ids([5]))[0, 0]).narrow(0, 0, model.Tokenizer.VocabularySize);
            probabilities = TestNetworks.Values((logits * 10).softmax(0));
        }

        var likeliest = probabilities.Select((probability, id) => (probability, id)).OrderDescending().Take(3).ToArray();
        var prompts = Enumerable.Repeat(new[] { 5 }, 4000).ToArray();
        var counts = Generator.Continue(prompts, new GenerationOptions { MaximumNewTokens = 1, Temperature = 0.1, TopK = 3, Seed = 1, StopAtEndOfText = false })
            .CountBy(row => row[0]).ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(likeliest.Select(pair => pair.id).Order(), counts.Keys.Order());
        var sum = likeliest.Sum(pair => pair.probability);
        Assert.All(likeliest, pair => Assert.Equal(pair.probability / sum, counts[pair.id] / 4000.0, 0.04));
    }

    [Fact]
    public void NoTokensAndNoPromptsAreFine()
    {
        Assert.Empty(Generator.Continue([], Greedy));
        Assert.Empty(Generator.Continue([[1, 2]], Greedy with { MaximumNewTokens = 0 })[0]);
        Assert.Equal(12, Generator.Continue([[]], Greedy)[0].Length);
    }

    [Fact]
    public void TextComesBackAsText()
    {
        var written = Generator.Continue("the cat", Greedy);
        Assert.Equal(model.Tokenizer.Decode(Generator.Continue([model.Tokenizer.Encode("the cat")], Greedy)[0]), written);
    }

    [Fact]
    public void AnIdThatIsNotInTheVocabularyIsRefused()
    {
        Assert.Contains("320", Assert.Throws<ArgumentException>(() => Generator.Continue([[1, 320]], Greedy)).Message);
        Assert.Throws<ArgumentException>(() => Generator.Continue([[-1]], Greedy));
    }

    public static TheoryData<string, GenerationOptions> Invalid() => new()
    {
        { "MaximumNewTokens", new GenerationOptions { MaximumNewTokens = -1 } },
        { "Temperature", new GenerationOptions { Temperature = double.NaN } },
        { "Temperature", new GenerationOptions { Temperature = -1 } },
        { "TopK", new GenerationOptions { TopK = -1 } },
        { "TopP", new GenerationOptions { TopP = 0 } },
        { "TopP", new GenerationOptions { TopP = 1.1 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void AnInvalidOptionIsRefusedByName(string name, GenerationOptions options) =>
        Assert.Contains($"GenerationOptions.{name} ", Assert.Throws<ArgumentException>(() => Generator.Continue([[1]], options)).Message);

    [Fact]
    public void CancellingEndsTheWork()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Generator.Continue([[1]], Greedy, source.Token));
    }

    private int[] WithoutCache(int[] prompt, int count)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = prompt.ToList();
        for (var step = 0; step < count; step++)
        {
            var logits = model.Network.Logits(model.Network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]);
            ids.Add((int)logits.narrow(0, 0, model.Tokenizer.VocabularySize).argmax().item<long>());
        }

        return ids.Skip(prompt.Length).ToArray();
    }

    // Makes the final norm point at one token's embedding whatever the text.
    private void MakeLikeliest(int id)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parameters = model.Network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        parameters["ln_f.weight"].zero_();
        parameters["ln_f.bias"].copy_(parameters["wte.weight"][id] * 100);
    }
}
