using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Generation;

public class GenerationEngineSpecifications : IDisposable
{
    private static readonly GenerationOptions Greedy = GenerationData.Greedy;

    private readonly GptModel network = TestNetworks.Create();

    public void Dispose() => network.Dispose();

    [Theory]
    [InlineData("gpt2-tiny", 512)]
    [InlineData("gpt2-tiny", 4)]
    [InlineData("gpt2-tiny-noprefix", 512)]
    [InlineData("llama-tiny-gqa", 512)]
    [InlineData("llama-tiny-gqa", 4)]
    [InlineData("llama-tiny-ropescaled-tied", 512)]
    [InlineData("llama-tiny-ropescaled-tied", 4)]
    public void GreedyTokensAreTheReferences(string fixture, int promptTokensPerStep)
    {
        using var reference = TransformerModel.Load(TestNetworks.Fixture(fixture), Precision.Float32, CPU);
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(TestNetworks.Fixture(fixture), "expected.json")))!["greedy"]!.AsArray();
        using var engine = new GenerationEngine(reference, new GenerationEngineOptions { SlotCount = cases.Count, PromptTokensPerStep = promptTokensPerStep });
        var sequences = cases.Select(example => Admit(engine, Integers(example!["prompt"]!), Greedy with { MaximumNewTokens = 16 })).ToArray();
        GenerationData.RunToEnd(engine);
        Assert.All(cases.Zip(sequences), pair => Assert.Equal(Integers(pair.First!["new_ids"]!), pair.Second.NewTokens));
    }

    [Theory]
    [InlineData(8, Precision.Float32)]
    [InlineData(40, Precision.Float32)]
    [InlineData(64, Precision.Float32)]
    public void RowsOfDifferentLengthsShareHeadsAndLookThroughAWindow(int headWidth, Precision precision)
    {
        using var llama = new LlamaModel(
            new LlamaConfig { Variant = LlamaVariant.Mistral, VocabularySize = 100, ContextLength = 48, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, HeadWidth = headWidth, Width = 32, FeedForwardWidth = 64, Window = 7, InitializerRange = 0.2 },
            precision, CPU, seed: 2);
        llama.eval();
        using var engine = new GenerationEngine(llama, new GenerationEngineOptions { SlotCount = 3, PromptTokensPerStep = 6 });
        var prompts = TestNetworks.RandomRows(15, 3, 20, 8).Select(row => Array.ConvertAll(row, id => id % 100)).ToArray();
        var sequences = Array.ConvertAll(prompts, prompt => Admit(engine, prompt, Greedy));
        GenerationData.RunToEnd(engine);
        Assert.All(prompts.Zip(sequences), pair => Assert.Equal(GenerationData.WithoutCache(llama, 100, pair.First, 12), pair.Second.NewTokens));
    }

    [Fact]
    public void ANetworkThatLooksBothWaysIsRefused()
    {
        using var bert = TransformerModel.Load(TestNetworks.Fixture("bert-tiny"), Precision.Float32, CPU);
        Assert.Contains("BertModel", Assert.Throws<NotSupportedException>(() => new GenerationEngine(bert)).Message);
    }

    [Fact]
    public void SequencesJoinAndLeaveBetweenSteps()
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 3, PromptTokensPerStep = 5 });
        var random = new Random(3);
        var waiting = new Queue<GenerationSequence>(TestNetworks.RandomRows(9, 4, 12, 1, 9, 2, 17, 6, 3, 8, 15)
            .Select(prompt => engine.CreateSequence(prompt, Greedy with { MaximumNewTokens = random.Next(1, 14) })));
        var all = waiting.ToArray();
        var prompts = TestNetworks.RandomRows(9, 4, 12, 1, 9, 2, 17, 6, 3, 8, 15);
        while (waiting.Count > 0 || engine.SequenceCount > 0)
        {
            while (engine.FreeSlotCount > 0 && waiting.TryDequeue(out var next))
            {
                engine.Admit(next);
            }

            engine.Step();
        }

        Assert.All(all.Zip(prompts), pair => Assert.Equal(
            GenerationData.WithoutCache(network, network.VocabularySize, pair.Second, pair.First.Options.MaximumNewTokens), pair.First.NewTokens));
    }

    [Fact]
    public void ARemovedSequenceFreesItsSlotAndDisturbsNobody()
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 4, PromptTokensPerStep = 6 });
        var prompts = TestNetworks.RandomRows(10, 5, 6, 4, 14);
        var sequences = prompts.Select(prompt => Admit(engine, prompt, Greedy)).ToArray();
        engine.Step();
        engine.Step();
        engine.Remove(sequences[0], FinishReason.Cancelled);
        Assert.Equal(1, engine.FreeSlotCount);
        Assert.Equal(FinishReason.Cancelled, sequences[0].FinishReason);
        var late = Admit(engine, prompts[0], Greedy);
        engine.Step();
        engine.Remove(sequences[3], FinishReason.Cancelled);
        GenerationData.RunToEnd(engine);
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompts[0], 12), late.NewTokens);
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompts[1], 12), sequences[1].NewTokens);
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompts[2], 12), sequences[2].NewTokens);
    }

    [Fact]
    public void ALongPromptIsReadInPartsWhileOthersGetTokens()
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 2, PromptTokensPerStep = 4 });
        var prompts = TestNetworks.RandomRows(11, 3, 20);
        var running = Admit(engine, prompts[0], Greedy);
        engine.Step();
        var late = Admit(engine, prompts[1], Greedy);
        for (var step = 0; step < 4; step++)
        {
            Assert.Equal([running], engine.Step());
        }

        Assert.Equal([running, late], engine.Step());
        GenerationData.RunToEnd(engine);
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompts[1], 12), late.NewTokens);
    }

    [Fact]
    public void AFullContextEndsTheText()
    {
        using var engine = new GenerationEngine(network);
        var prompt = TestNetworks.RandomRows(12, 20)[0];
        var sequence = Admit(engine, prompt, Greedy with { MaximumNewTokens = 100 });
        GenerationData.RunToEnd(engine);
        Assert.Equal(FinishReason.ContextOverflow, sequence.FinishReason);
        // 32 tokens are read; the one chosen from the last of them is not.
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompt, 13), sequence.NewTokens);
    }

    [Fact]
    public void AFullContextMaySlide()
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 2 });
        var prompt = TestNetworks.RandomRows(13, 20)[0];
        var sequence = Admit(engine, prompt, Greedy with { MaximumNewTokens = 50, ContextOverflow = ContextOverflow.Slide, KeepFirst = 4 });
        var other = Admit(engine, prompt[..5], Greedy);
        GenerationData.RunToEnd(engine);
        Assert.Equal(FinishReason.Length, sequence.FinishReason);
        Assert.Equal(50, sequence.NewTokens.Count);
        // After 13 tokens the first four and the newest fourteen are read again.
        int[] text = [.. prompt, .. sequence.NewTokens.Take(13)];
        int[] window = [.. text[..4], .. text[^14..]];
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, window, 15), sequence.NewTokens.Skip(13).Take(15));
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, prompt[..5], 12), other.NewTokens);
    }

    [Fact]
    public void APromptLongerThanTheContextIsRefusedOrItsEndCounts()
    {
        using var engine = new GenerationEngine(network);
        var prompt = TestNetworks.RandomRows(14, 50)[0];
        var message = Assert.Throws<ArgumentException>(() => engine.CreateSequence(prompt, Greedy)).Message;
        Assert.Contains("50", message);
        Assert.Contains("32", message);
        var sequence = Admit(engine, prompt, Greedy with { LongPrompt = LongPrompt.KeepEnd, KeepFirst = 2 });
        GenerationData.RunToEnd(engine);
        Assert.Equal((21, 29), (sequence.PromptTokens, sequence.DroppedPromptTokens));
        Assert.Equal(GenerationData.WithoutCache(network, network.VocabularySize, [.. prompt[..2], .. prompt[^19..]], 12), sequence.NewTokens);
        Assert.Equal(FinishReason.Length, sequence.FinishReason);
    }

    [Fact]
    public void LogProbabilitiesAreThoseOfTheNetworkWhateverTheSampling()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { VocabularySize = 300 });
        var sequence = Admit(engine, [3, 4], Greedy with { Temperature = 3, Seed = 1, TopK = 2, RepetitionPenalty = 2, LogProbabilities = 4, MaximumNewTokens = 6 });
        GenerationData.RunToEnd(engine);
        int[] text = [3, 4, .. sequence.NewTokens];
        for (var place = 0; place < 6; place++)
        {
            var expected = TestNetworks.Values(network.Logits(network.call(TestNetworks.Ids(text[..(place + 2)]))[0, -1])[..300].log_softmax(0));
            var found = sequence.LogProbabilities![place];
            Assert.Equal(sequence.NewTokens[place], found.TokenId);
            Assert.Equal(expected[found.TokenId], found.LogProbability, 1e-4);
            var likeliest = expected.Select((value, id) => (value, id)).OrderByDescending(pair => pair.value).Take(4).ToArray();
            Assert.Equal(likeliest.Select(pair => pair.id), found.Alternatives.Select(alternative => alternative.TokenId));
            Assert.All(likeliest.Zip(found.Alternatives), pair => Assert.Equal(pair.First.value, pair.Second.LogProbability, 1e-4));
        }
    }

    [Fact]
    public void ASlotThatIsNotFreeIsNotGiven()
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 1 });
        Admit(engine, [1], Greedy);
        Assert.Contains("1 slots", Assert.Throws<InvalidOperationException>(() => Admit(engine, [2], Greedy)).Message);
        Assert.Contains("no tokens", Assert.Throws<ArgumentException>(() => engine.CreateSequence([])).Message);
    }

    public static TheoryData<string, GenerationEngineOptions> Invalid() => new()
    {
        { "SlotCount", new GenerationEngineOptions { SlotCount = 0 } },
        { "SlotCapacity", new GenerationEngineOptions { SlotCapacity = 33 } },
        { "PromptTokensPerStep", new GenerationEngineOptions { PromptTokensPerStep = 0 } },
        { "VocabularySize", new GenerationEngineOptions { VocabularySize = 321 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void AnInvalidSizeIsRefusedByName(string name, GenerationEngineOptions options) =>
        Assert.Contains($"GenerationEngineOptions.{name} ", Assert.Throws<ArgumentException>(() => new GenerationEngine(network, options)).Message);

    private static GenerationSequence Admit(GenerationEngine engine, int[] prompt, GenerationOptions options)
    {
        var sequence = engine.CreateSequence(prompt, options);
        engine.Admit(sequence);
        return sequence;
    }

    private static int[] Integers(JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<int>())];
}
