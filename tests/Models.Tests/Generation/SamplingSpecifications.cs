namespace MLNetLlm.Models.Tests.Generation;

/// <summary>A network whose scores do not depend on the text: the choice among them is all that is left.</summary>
public class SamplingSpecifications : IDisposable
{
    private const int Draws = 3000;

    private static readonly GenerationOptions Draw = new() { MaximumNewTokens = Draws, Temperature = 1, Seed = 1, StopAtEndOfText = false, ContextOverflow = ContextOverflow.Slide };

    private readonly GptModel network;
    private readonly double[] probabilities;

    public SamplingSpecifications()
    {
        network = TestNetworks.Create(TestNetworks.SmallConfig with { VocabularySize = 64, ContextLength = 1024, LayerCount = 1 });
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGradient = TorchSharp.torch.no_grad();
        var parameters = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        parameters["ln_f.weight"].zero_();
        parameters["ln_f.bias"].copy_(parameters["wte.weight"][7] * 150);
        var logits = network.Logits(network.call(TestNetworks.Ids([5]))[0, 0]);
        probabilities = Array.ConvertAll(TestNetworks.Values(logits.softmax(0)), value => (double)value);
    }

    public void Dispose() => network.Dispose();

    private IEnumerable<int> Likeliest => Enumerable.Range(0, 64).OrderByDescending(id => probabilities[id]);

    [Fact]
    public void TokensAreDrawnInTheModelsProportions() => RequireProportions(Draw, probabilities);

    [Fact]
    public void ATemperatureSharpensOrFlattens() =>
        RequireProportions(Draw with { Temperature = 2 }, Array.ConvertAll(probabilities, Math.Sqrt));

    [Fact]
    public void TopKDrawsFromTheLikeliest()
    {
        var kept = Likeliest.Take(5).ToHashSet();
        RequireProportions(Draw with { TopK = 5 }, Keep(kept.Contains));
    }

    [Fact]
    public void TopPDrawsFromTheFewestThatReachTheProbability()
    {
        var sum = 0.0;
        var kept = Likeliest.TakeWhile(id => (sum += probabilities[id]) - probabilities[id] < 0.6).ToHashSet();
        Assert.InRange(kept.Count, 2, 30);
        RequireProportions(Draw with { TopP = 0.6 }, Keep(kept.Contains));
    }

    [Fact]
    public void TopPCountsAmongTheTopK()
    {
        var top = Likeliest.Take(4).ToArray();
        var total = top.Sum(id => probabilities[id]);
        var sum = 0.0;
        var kept = top.TakeWhile(id => (sum += probabilities[id]) - probabilities[id] < 0.7 * total).ToHashSet();
        RequireProportions(Draw with { TopK = 4, TopP = 0.7 }, Keep(kept.Contains));
    }

    [Fact]
    public void MinPDrawsFromThoseNearTheLikeliest()
    {
        var least = 0.3 * probabilities.Max();
        RequireProportions(Draw with { MinP = 0.3 }, Keep(id => probabilities[id] >= least));
    }

    [Fact]
    public void ABiasForbidsAndForces()
    {
        var first = Likeliest.First();
        Assert.DoesNotContain(first, Written(Draw with { MaximumNewTokens = 500, LogitBias = new Dictionary<int, double> { [first] = -100 } }));
        Assert.All(Written(Draw with { MaximumNewTokens = 50, LogitBias = new Dictionary<int, double> { [63] = 100 } }), id => Assert.Equal(63, id));
    }

    [Fact]
    public void TheLikeliestIsTakenWhereNothingElseIsLeft()
    {
        var first = Likeliest.First();
        Assert.All(Written(Draw with { MaximumNewTokens = 20, TopK = 1 }), id => Assert.Equal(first, id));
        Assert.All(Written(Draw with { MaximumNewTokens = 20, TopP = 1e-9 }), id => Assert.Equal(first, id));
        Assert.All(Written(Draw with { MaximumNewTokens = 20, MinP = 1 }), id => Assert.Equal(first, id));
        Assert.All(Written(Draw with { MaximumNewTokens = 20, Temperature = 1e-40 }), id => Assert.Equal(first, id));
        Assert.All(Written(Draw with { MaximumNewTokens = 20, Temperature = 1e-6 }), id => Assert.Equal(first, id));
    }

    [Fact]
    public void AFrequencyPenaltyGrowsWithEachTimeAndAPresencePenaltyDoesNot()
    {
        // The gap between the first two is closed by the penalty after some times.
        var order = Likeliest.Take(2).ToArray();
        var gap = Math.Log(probabilities[order[0]] / probabilities[order[1]]);
        var greedy = Draw with { Temperature = 0, MaximumNewTokens = 40 };
        var written = Written(greedy with { FrequencyPenalty = gap / 7.5 });
        Assert.Equal([.. Enumerable.Repeat(order[0], 8), order[1]], written.Take(9));
        Assert.All(Written(greedy with { PresencePenalty = gap / 2 }), id => Assert.Equal(order[0], id));
        Assert.Equal(order, Written(greedy with { PresencePenalty = Math.Min(2, gap * 1.01), MaximumNewTokens = 2 }));
    }

    [Fact]
    public void ARepetitionPenaltyCountsThePromptToo()
    {
        var order = Likeliest.Take(2).ToArray();
        var penalized = Draw with { Temperature = 0, RepetitionPenalty = 50, MaximumNewTokens = 1 };
        Assert.Equal([order[0]], Written(penalized, [63]));
        Assert.Equal([order[1]], Written(penalized, [order[0]]));
    }

    [Fact]
    public void NeighbouringSeedsDrawDifferently() =>
        Assert.InRange(Enumerable.Range(0, 40).Select(seed => Written(Draw with { Seed = seed, MaximumNewTokens = 1, Temperature = 5 })[0]).Distinct().Count(), 15, 40);

    public static TheoryData<string, GenerationOptions> Invalid() => new()
    {
        { "MaximumNewTokens", new GenerationOptions { MaximumNewTokens = -1 } },
        { "Temperature", new GenerationOptions { Temperature = double.NaN } },
        { "Temperature", new GenerationOptions { Temperature = -1 } },
        { "TopK", new GenerationOptions { TopK = -1 } },
        { "TopP", new GenerationOptions { TopP = 0 } },
        { "TopP", new GenerationOptions { TopP = 1.1 } },
        { "MinP", new GenerationOptions { MinP = -0.1 } },
        { "MinP", new GenerationOptions { MinP = double.NaN } },
        { "RepetitionPenalty", new GenerationOptions { RepetitionPenalty = 0 } },
        { "PresencePenalty", new GenerationOptions { PresencePenalty = 3 } },
        { "FrequencyPenalty", new GenerationOptions { FrequencyPenalty = double.NaN } },
        { "LogitBias[5]", new GenerationOptions { LogitBias = new Dictionary<int, double> { [5] = 101 } } },
        { "LogitBias", new GenerationOptions { LogitBias = new Dictionary<int, double> { [64] = 1 } } },
        { "StopTokenIds", new GenerationOptions { StopTokenIds = [-1] } },
        { "StopStrings", new GenerationOptions { StopStrings = ["a", ""] } },
        { "StopStrings", new GenerationOptions { StopStrings = null! } },
        { "LogProbabilities", new GenerationOptions { LogProbabilities = -1 } },
        { "KeepFirst", new GenerationOptions { KeepFirst = 1024 } },
        { "ContextOverflow", new GenerationOptions { ContextOverflow = (ContextOverflow)7 } },
        { "LongPrompt", new GenerationOptions { LongPrompt = (LongPrompt)7 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void AnInvalidOptionIsRefusedByName(string name, GenerationOptions options)
    {
        using var engine = new GenerationEngine(network);
        Assert.Contains($"GenerationOptions.{name} ", Assert.Throws<ArgumentException>(() => engine.CreateSequence([1], options)).Message);
    }

    private double[] Keep(Func<int, bool> isKept) => [.. probabilities.Select((probability, id) => isKept(id) ? probability : 0)];

    private void RequireProportions(GenerationOptions options, double[] weights)
    {
        var counts = Written(options).CountBy(id => id).ToDictionary(pair => pair.Key, pair => pair.Value);
        var sum = weights.Sum();
        Assert.All(weights.Select((weight, id) => (weight, id)), pair =>
        {
            Assert.Equal(pair.weight / sum, counts.GetValueOrDefault(pair.id) / (double)Draws, 0.03);
            Assert.False(pair.weight == 0 && counts.ContainsKey(pair.id));
        });
    }

    private IReadOnlyList<int> Written(GenerationOptions options, int[]? prompt = null)
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 1, SlotCapacity = 1024 });
        var sequence = engine.CreateSequence(prompt ?? [1], options);
        engine.Admit(sequence);
        GenerationData.RunToEnd(engine);
        return sequence.NewTokens;
    }
}
