using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using MLNetLlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Services.Tests.Embeddings;

public sealed class EmbeddingGeneratorSpecifications : IDisposable
{
    private static readonly string[] Texts = ["the cat sat on the mat", "free prizes", "the dog sat on the log and the cat sat on the mat, call now"];
    private readonly LanguageModel model = TestModels.Random();

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task Vectors_are_the_mean_of_the_hidden_states_scaled_to_length_one()
    {
        using var generator = model.AsEmbeddingGenerator();

        var vector = (await generator.GenerateAsync([Texts[0]]))[0].Vector.ToArray();

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = TestModels.Tokenizer.Encode(Texts[0]).Select(id => (long)id).ToArray();
        var hidden = model.Network.call(tensor(ids, [1, ids.Length]));
        var expected = hidden.mean([1L]).data<float>().ToArray();
        var length = Math.Sqrt(expected.Sum(value => value * value));
        Assert.Equal(expected.Select(value => value / length), vector.Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(1, Length(vector), 1e-5);
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.LastToken)]
    [InlineData(Pooling.FirstToken)]
    [InlineData(Pooling.LastTokenAndMean)]
    public async Task Texts_of_a_batch_are_as_each_alone(Pooling pooling)
    {
        using var generator = model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { Pooling = pooling, Normalize = false, BatchSize = 2 });

        var together = await generator.GenerateAsync(Texts);

        for (var index = 0; index < Texts.Length; index++)
        {
            var alone = (await generator.GenerateAsync([Texts[index]]))[0].Vector.ToArray();
            Assert.Equal(alone, together[index].Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        }

        Assert.All(together, embedding => Assert.Equal(pooling == Pooling.LastTokenAndMean ? 64 : 32, embedding.Dimensions));
    }

    [Fact]
    public async Task A_network_that_looks_both_ways_embeds_with_its_pooler()
    {
        using var bert = TestModels.Bert();
        using var generator = bert.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { Pooling = Pooling.Pooler });

        var embeddings = await generator.GenerateAsync(Texts);

        Assert.All(embeddings, embedding => Assert.Equal(1, Length(embedding.Vector.ToArray()), 1e-5));
        Assert.NotEqual(embeddings[0].Vector.ToArray(), embeddings[1].Vector.ToArray());
        Assert.Throws<ArgumentException>(() => model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { Pooling = Pooling.Pooler }));
    }

    [Fact]
    public async Task Usage_names_and_metadata_are_given()
    {
        using var generator = model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { ModelId = "small" });

        var embeddings = await generator.GenerateAsync(Texts);

        Assert.Equal(Texts.Sum(text => TestModels.Tokenizer.Encode(text).Length), embeddings.Usage!.InputTokenCount);
        Assert.All(embeddings, embedding => Assert.Equal("small", embedding.ModelId));
        var metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;
        Assert.Equal(("small", "mlnetllm", 32), (metadata.DefaultModelId, metadata.ProviderName, metadata.DefaultModelDimensions));
        Assert.Same(model, generator.GetService<LanguageModel>());
        Assert.Empty(await generator.GenerateAsync([]));
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_cut_and_counted_or_refused()
    {
        using var cutting = model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { MaximumTokens = 2 });
        using var refusing = model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { MaximumTokens = 2, LongText = LongText.Refuse });
        var tokens = TestModels.Tokenizer.Encode(Texts[0]).Length;

        var embeddings = await cutting.GenerateAsync([Texts[0]]);

        Assert.Equal(tokens - 2, embeddings[0].AdditionalProperties!["dropped_tokens"]);
        Assert.Equal(2, embeddings.Usage!.InputTokenCount);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => refusing.GenerateAsync(["a", Texts[0]]));
        Assert.Contains("values[1]", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{tokens} tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_stand_between_the_special_tokens_of_their_tokenizer_which_count()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllLines(directory.File("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat"]);
        var config = BertConfig.Tiny with { VocabularySize = 8, ContextLength = 8, Width = 16, HeadCount = 2, LayerCount = 1, Dropout = 0 };
        using var bert = LanguageModel.Create(config, TextTokenizer.Load(directory.Path), Precision.Float32, CPU, 1);
        bert.Network.eval();
        using var generator = bert.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { Pooling = Pooling.FirstToken, Normalize = false, MaximumTokens = 4 });

        var embeddings = await generator.GenerateAsync(["the cat", "the cat sat", ""]);

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var expected = bert.Network.call(tensor(new long[] { 2, 5, 6, 3 }, [1, 4]))[0, 0].data<float>().ToArray();
        Assert.Equal(expected, embeddings[0].Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(expected, embeddings[1].Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(1, embeddings[1].AdditionalProperties!["dropped_tokens"]);
        Assert.Equal(4 + 4 + 2, embeddings.Usage!.InputTokenCount);
        Assert.Throws<ArgumentException>(() => bert.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { MaximumTokens = 2 }));
    }

    [Fact]
    public async Task Another_model_and_other_dimensions_are_refused()
    {
        using var generator = model.AsEmbeddingGenerator();

        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(Texts, new EmbeddingGenerationOptions { Dimensions = 8 }));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(Texts, new EmbeddingGenerationOptions { ModelId = "large" }));
        Assert.Equal(3, (await generator.GenerateAsync(Texts, new EmbeddingGenerationOptions { Dimensions = 32, ModelId = "language-model" })).Count);
    }

    [Fact]
    public async Task Empty_texts_and_many_callers_are_served()
    {
        using var generator = model.AsEmbeddingGenerator();
        var alone = (await generator.GenerateAsync([Texts[0]]))[0].Vector.ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => generator.GenerateAsync([Texts[0], ""])));

        Assert.All(results, result => Assert.Equal(alone, result[0].Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4));
    }

    [Fact]
    public async Task A_cancelled_call_ends()
    {
        using var generator = model.AsEmbeddingGenerator();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(Texts, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_call_is_a_span()
    {
        using var generator = model.AsEmbeddingGenerator(new EmbeddingGeneratorSettings { ModelId = "small" });
        using var spans = new Spans();

        var embeddings = await generator.GenerateAsync(Texts);

        Assert.Equal("embeddings small", spans.Single().DisplayName);
        Assert.Equal("embeddings", spans.Single().GetTagItem("gen_ai.operation.name"));
        Assert.Equal(embeddings.Usage!.InputTokenCount, spans.Single().GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal(32, spans.Single().GetTagItem("gen_ai.embeddings.dimension.count"));
    }

    private static double Length(float[] vector) => TensorPrimitives.Norm(vector);
}
