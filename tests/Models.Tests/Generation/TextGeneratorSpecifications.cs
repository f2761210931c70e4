using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Generation;

public class TextGeneratorSpecifications : IDisposable
{
    private static readonly GenerationOptions Greedy = GenerationData.Greedy;

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
            Assert.Equal(GenerationData.WithoutCache(model.Network, model.Tokenizer.VocabularySize, prompt, 12), Generator.Generate(prompt, Greedy).TokenIds);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(32)]
    public void TextsOfAnyLengthsAreContinuedTogetherAsEachAlone(int batchSize)
    {
        var prompts = TestNetworks.RandomRows(6, 4, 7, 4, 1, 20, 7, 5, 3, 11, 10);
        var together = new TextGenerator(model, batchSize).Generate(prompts, Greedy);
        Assert.All(prompts.Zip(together), pair => Assert.Equal(Generator.Generate(pair.First, Greedy).TokenIds, pair.Second.TokenIds));
    }

    [Fact]
    public void TheSameSeedDrawsTheSameTextWhateverIsBesideIt()
    {
        var options = Greedy with { Temperature = 1, Seed = 4, TopK = 40, TopP = 0.95 };
        var prompts = TestNetworks.RandomRows(8, 3, 9, 3, 6, 17);
        var alone = prompts.Select(prompt => Generator.Generate(prompt, options).TokenIds).ToArray();
        Assert.Equal(alone, Generator.Generate(prompts, options).Select(text => text.TokenIds));
        Assert.Equal(alone.Reverse(), new TextGenerator(model, 2).Generate(prompts.Reverse().ToArray(), options).Select(text => text.TokenIds));
        Assert.NotEqual(alone[0], Generator.Generate(prompts[0], options with { Seed = 5 }).TokenIds);
    }

    [Fact]
    public void WithoutASeedTextsDiffer()
    {
        var texts = Generator.Generate([[1, 2], [1, 2]], Greedy with { Temperature = 2 });
        Assert.NotEqual(texts[0].TokenIds, texts[1].TokenIds);
    }

    [Fact]
    public void ATextStopsAtTheEndOfText()
    {
        var end = model.Tokenizer.EndOfTextId!.Value;
        GenerationData.MakeLikeliest(model, end);
        var stopped = Generator.Generate([1, 2], Greedy with { StopAtEndOfText = true });
        Assert.Empty(stopped.TokenIds);
        Assert.Equal(FinishReason.StopToken, stopped.FinishReason);
        var unstopped = Generator.Generate([1, 2], Greedy);
        Assert.Equal(Enumerable.Repeat(end, 12), unstopped.TokenIds);
        Assert.Equal(FinishReason.Length, unstopped.FinishReason);
        Assert.Equal("", unstopped.Text);
    }

    [Fact]
    public void ATextStopsAtAStopTokenOfTheCaller()
    {
        var whole = Generator.Generate([1, 2], Greedy).TokenIds;
        var stop = whole[5];
        var stopped = Generator.Generate([1, 2], Greedy with { StopTokenIds = [299, stop] });
        Assert.Equal(whole.TakeWhile(id => id != stop), stopped.TokenIds);
        Assert.Equal(FinishReason.StopToken, stopped.FinishReason);
    }

    [Fact]
    public void ATextStopsBeforeAStopString()
    {
        var options = Greedy with { Temperature = 1, Seed = 3, MaximumNewTokens = 20 };
        var whole = Generator.Generate("the cat", options);
        var stop = whole.Text.Substring(5, 3);
        var stopped = Generator.Generate("the cat", options with { StopStrings = ["never", stop] });
        Assert.Equal(whole.Text[..whole.Text.IndexOf(stop, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(FinishReason.StopString, stopped.FinishReason);
        Assert.True(stopped.TokenIds.Count < whole.TokenIds.Count);
    }

    [Fact]
    public void EntriesThatPadTheVocabularyAreNeverWritten()
    {
        GenerationData.MakeLikeliest(model, model.Tokenizer.VocabularySize);
        Assert.True(model.Tokenizer.VocabularySize < model.Config.VocabularySize);
        Assert.All(
            Generator.Generate([[1], [2]], Greedy with { Temperature = 2, Seed = 1 }).SelectMany(text => text.TokenIds),
            id => Assert.InRange(id, 0, model.Tokenizer.VocabularySize - 1));
    }

    [Fact]
    public void NoTokensAndNoPromptsAreFine()
    {
        Assert.Empty(Generator.Generate(Array.Empty<int[]>(), Greedy));
        var nothing = Generator.Generate([1, 2], Greedy with { MaximumNewTokens = 0 });
        Assert.Equal(("", FinishReason.Length, 2), (nothing.Text, nothing.FinishReason, nothing.PromptTokens));
        Assert.Equal(Generator.Generate([model.Tokenizer.EndOfTextId!.Value], Greedy).TokenIds, Generator.Generate("", Greedy).TokenIds);
    }

    [Fact]
    public void AnEmptyPromptNeedsATokenToStartFrom()
    {
        var definition = new BytePairOptions { VocabularySize = 300, SpecialTokens = [] };
        var tokenizer = BytePairLearner.Learn(["the cat sat on the mat"], definition);
        using var withoutStart = LanguageModel.Create(TestNetworks.SmallConfig, tokenizer, Precision.Float32, TorchSharp.torch.CPU, 1);
        Assert.Contains("end-of-text", Assert.Throws<ArgumentException>(() => new TextGenerator(withoutStart).Generate("")).Message);
    }

    [Fact]
    public void TextComesBackAsText()
    {
        var written = Generator.Generate("the cat", Greedy);
        Assert.Equal(model.Tokenizer.Decode(written.TokenIds, skipSpecialTokens: true), written.Text);
        Assert.Equal(model.Tokenizer.Encode("the cat").Length, written.PromptTokens);
        Assert.Null(written.LogProbabilities);
    }

    [Fact]
    public async Task ToStopReadingAStreamOrToCancelItEndsTheWork()
    {
        var endless = Greedy with { MaximumNewTokens = int.MaxValue, ContextOverflow = ContextOverflow.Slide };
        await foreach (var _ in Generator.StreamAsync("the cat", endless))
        {
            break;
        }

        using var source = new CancellationTokenSource();
        var tokens = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in Generator.StreamAsync("the cat", endless, source.Token))
            {
                tokens = chunk.NewTokens;
                source.Cancel();
            }
        });
        Assert.InRange(tokens, 1, 50);
    }

    [Fact]
    public void APromptBeginsWithWhatTheTokenizerPutsThereAndNotWithWhatItPutsBehind()
    {
        using var directory = new TemporaryDirectory();
        model.Tokenizer.Save(directory.Path);
        var json = JsonNode.Parse(File.ReadAllText(directory.File("tokenizer.json")))!;
        var end = model.Tokenizer.EndOfTextId!.Value;
        json["post_processor"] = JsonNode.Parse($$"""
            {
              "type": "TemplateProcessing",
              "single": [{ "SpecialToken": { "id": "<|endoftext|>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "<|endoftext|>", "type_id": 0 } }],
              "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
              "special_tokens": { "<|endoftext|>": { "id": "<|endoftext|>", "ids": [{{end}}], "tokens": ["<|endoftext|>"] } }
            }
            """);
        File.WriteAllText(directory.File("tokenizer.json"), json.ToJsonString());
        using var framing = LanguageModel.Create(TestNetworks.SmallConfig, TextTokenizer.Load(directory.Path), Precision.Float32, TorchSharp.torch.CPU, 1);
        framing.Network.eval();
        Assert.Equal(
            Generator.Generate([end, .. model.Tokenizer.Encode("the cat")], Greedy).TokenIds,
            new TextGenerator(framing).Generate("the cat", Greedy).TokenIds);
    }

    [Fact]
    public void AnIdThatIsNotInTheVocabularyIsRefused()
    {
        Assert.Contains("320", Assert.Throws<ArgumentException>(() => Generator.Generate([1, 320], Greedy)).Message);
        Assert.Contains("Prompt 1", Assert.Throws<ArgumentException>(() => Generator.Generate([[1], [-1]], Greedy)).Message);
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 0)]
    public void ScoresThatAreNoNumbersAreAnErrorAndNoText(float value, double temperature)
    {
        GenerationData.Spoil(model, value);
        Assert.Contains("no numbers", Assert.Throws<InvalidDataException>(() => Generator.Generate([1, 2], Greedy with { Temperature = temperature })).Message);
    }

    [Fact]
    public void CancellingEndsTheWork()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Generator.Generate([1], Greedy, source.Token));
    }

    [Fact]
    public async Task AStreamHoldsTheWholeTextAndEndsWithTheReason()
    {
        var options = Greedy with { Temperature = 1, Seed = 11, LogProbabilities = 2, MaximumNewTokens = 25, ContextOverflow = ContextOverflow.Slide };
        var whole = Generator.Generate("the cat", options);
        var chunks = await Generator.StreamAsync("the cat", options).ToListAsync();
        Assert.Equal(whole.Text, string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.Equal(whole.TokenIds, chunks.SelectMany(chunk => chunk.TokenIds));
        Assert.Equal(25, chunks.Sum(chunk => chunk.LogProbabilities!.Count));
        Assert.All(chunks.SkipLast(1), chunk => Assert.Null(chunk.FinishReason));
        Assert.Equal((whole.FinishReason, 25, whole.PromptTokens), (chunks[^1].FinishReason!.Value, chunks[^1].NewTokens, chunks[^1].PromptTokens));
    }
}
