using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Hosting;

public sealed class LanguageModelOptionsSpecifications : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly string checkpoint;

    public LanguageModelOptionsSpecifications() => checkpoint = ServiceFixture.Checkpoint(directory);

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_section_of_the_configuration_sets_up_a_model()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(Section(new()
        {
            ["Directory"] = checkpoint,
            ["Template"] = "chatml",
            ["ModelId"] = "little",
            ["SlotCount"] = "2",
            ["QueueCapacity"] = "3",
            ["SlotCapacity"] = "64",
            ["DefaultOutputTokens"] = "5",
            ["Temperature"] = "0.5",
            ["Overflow"] = "Refuse",
            ["Pooling"] = "LastToken",
            ["NormalizeEmbeddings"] = "false",
            ["StopTimeout"] = "00:00:07",
            ["Precision"] = "Float32",
        })));

        await fixture.StartAsync();

        var host = fixture.Provider.GetRequiredService<LanguageModelHost>();
        Assert.Equal("little", host.ModelId);
        Assert.Equal((2, 3, 64), (host.Scheduler.Options.SlotCount, host.Scheduler.Options.QueueCapacity, host.Scheduler.SlotCapacity));
        var options = fixture.Provider.GetRequiredService<IOptionsMonitor<LanguageModelOptions>>().CurrentValue;
        Assert.Equal((0.5, ChatOverflow.Refuse, TimeSpan.FromSeconds(7)), (options.Temperature, options.Overflow, options.StopTimeout));
        var chat = fixture.Provider.GetRequiredService<IChatClient>();
        Assert.Equal("little", chat.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.True((await chat.GetResponseAsync([new ChatMessage(ChatRole.User, "a")])).Usage!.OutputTokenCount <= 5);
        var vectors = await fixture.Provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["the cat"]);
        Assert.NotEqual(1, System.Numerics.Tensors.TensorPrimitives.Norm(vectors[0].Vector.Span), 1e-3);
    }

    [Fact]
    public async Task A_template_of_ones_own_can_be_configured()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(Section(new()
        {
            ["Directory"] = checkpoint,
            ["CustomTemplate:Name"] = "mine",
            ["CustomTemplate:User"] = "Q: {content}\n",
            ["CustomTemplate:Assistant"] = "A: {content}\n\n",
        })));

        await fixture.StartAsync();

        Assert.Equal("mine", fixture.Provider.GetRequiredService<IChatClient>().GetService<ChatTemplate>()!.Name);
    }

    [Fact]
    public async Task An_unknown_key_of_the_section_is_named()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(Section(new() { ["Directory"] = checkpoint, ["SlotCuont"] = "2" })));

        Assert.Contains("SlotCuont", (await Assert.ThrowsAsync<InvalidOperationException>(fixture.StartAsync)).ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<LanguageModelOptions>> Wrong => new()
    {
        { "SlotCount must be at least 1", options => options.SlotCount = 0 },
        { "SlotCapacity must be at least 1", options => options.SlotCapacity = -1 },
        { "SlotCapacity must be at most the model's context length, 96", options => options.SlotCapacity = 97 },
        { "QueueCapacity must be at least 0", options => options.QueueCapacity = -1 },
        { "PromptTokensPerStep must be at least 1", options => options.PromptTokensPerStep = 0 },
        { "DefaultOutputTokens must be at least 1", options => options.DefaultOutputTokens = 0 },
        { "MaximumOutputTokens must be at least 1", options => options.MaximumOutputTokens = 0 },
        { "EmbeddingTokens must be at least 1", options => options.EmbeddingTokens = 0 },
        { "EmbeddingTokens must be at most", options => options.EmbeddingTokens = 1000 },
        { "EmbeddingBatchSize must be at least 1", options => options.EmbeddingBatchSize = 0 },
        { "Temperature must be", options => options.Temperature = -0.1 },
        { "TopP must be", options => options.TopP = 0 },
        { "StopTimeout must not be negative", options => options.StopTimeout = TimeSpan.FromSeconds(-1) },
        { "ModelId must not be empty", options => options.ModelId = "" },
        { "the Pooling 99 is not known", options => options.Pooling = (Pooling)99 },
        { "the Overflow 99 is not known", options => options.Overflow = (ChatOverflow)99 },
        { "the LongText 99 is not known", options => options.LongText = (LongText)99 },
        { "the Precision 99 is not known", options => options.Precision = (Precision)99 },
        { "the Template 'Vicuna' is not known; known are Alpaca, Phi-3, ChatML, Llama-3", options => options.Template = "Vicuna" },
        { "the special token '<|system|>'", options => options.Template = "Phi-3" },
        { "give Template or CustomTemplate", options => options.CustomTemplate = ChatTemplate.ChatML },
        { "must contain '{content}' once", options => (options.Template, options.CustomTemplate) = (null, ChatTemplate.ChatML with { User = "x" }) },
        { "give Directory, a checkpoint's directory, or Load", options => options.Directory = null },
        { "give Directory, a checkpoint's directory, or Load", options => options.Load = _ => TestModels.Random() },
        { "the Directory '/nowhere' does not exist", options => options.Directory = "/nowhere" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_setting_keeps_the_service_from_starting_and_is_named(string message, Action<LanguageModelOptions> spoil)
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel("chatty", options =>
        {
            (options.Directory, options.Template) = (checkpoint, "ChatML");
            spoil(options);
        }));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(fixture.StartAsync);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("Language model 'chatty'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public async Task A_directory_without_a_checkpoints_files_is_refused_before_anything_is_loaded(string missing)
    {
        File.Delete(Path.Combine(checkpoint, missing));
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options => options.Directory = checkpoint));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(fixture.StartAsync);

        Assert.Contains($"is no checkpoint: it holds no {missing}", error.Message, StringComparison.Ordinal);
        Assert.Contains(checkpoint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_or_a_tokenizer_that_cannot_be_read_is_refused()
    {
        File.WriteAllText(Path.Combine(checkpoint, "config.json"), "{ \"model_type\": \"mamba\" }");
        File.Delete(Path.Combine(checkpoint, "tokenizer.json"));
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options => options.Directory = checkpoint));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(fixture.StartAsync);

        Assert.Contains("mamba", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.Failures.Count());
    }

    [Fact]
    public async Task Damaged_weights_keep_the_service_from_starting()
    {
        File.WriteAllText(Path.Combine(checkpoint, "model.safetensors"), "no weights");
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options => options.Directory = checkpoint));

        var error = await Assert.ThrowsAsync<InvalidDataException>(fixture.StartAsync);

        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        Assert.False(fixture.Provider.GetRequiredService<LanguageModelHost>().IsLoaded);
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values)
    {
        var configuration = new ConfigurationManager();
        foreach (var (key, value) in values)
        {
            configuration["LanguageModel:" + key] = value;
        }

        return configuration.GetSection("LanguageModel");
    }
}
