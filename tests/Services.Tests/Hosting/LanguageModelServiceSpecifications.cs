using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Hosting;

public sealed class LanguageModelServiceSpecifications : IDisposable
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "the dog")];
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Weights_are_loaded_once_for_all_who_use_them()
    {
        var loads = 0;
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
        {
            options.Template = "ChatML";
            options.Load = _ =>
            {
                Interlocked.Increment(ref loads);
                return TestModels.Random();
            };
        }));

        var hosts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => fixture.Provider.GetRequiredService<LanguageModelHost>().Model)));
        await fixture.StartAsync();

        Assert.Equal(1, loads);
        Assert.Single(hosts.Distinct());
        Assert.Same(hosts[0], fixture.Provider.GetRequiredService<IChatClient>().GetService<LanguageModel>());
        Assert.Same(hosts[0], fixture.Provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GetService<LanguageModel>());
        Assert.Same(fixture.Provider.GetRequiredService<LanguageModelHost>().Scheduler, fixture.Provider.GetRequiredService<IChatClient>().GetService<GenerationScheduler>());
    }

    [Fact]
    public async Task The_container_frees_the_model_whether_it_is_disposed_of_at_once_or_not()
    {
        var model = TestModels.Random();
        var services = new ServiceCollection();
        services.AddLanguageModel(options => (options.Template, options.Load) = ("ChatML", _ => model));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IChatClient>().GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 1 });

        provider.Dispose();

        Assert.All(model.Network.parameters(), parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public async Task Named_models_are_keyed_services_beside_each_other()
    {
        var checkpoint = ServiceFixture.Checkpoint(directory);
        await using var fixture = new ServiceFixture(services => services
            .AddLanguageModel("chat", options => (options.Directory, options.Template) = (checkpoint, "ChatML"))
            .AddLanguageModel("vectors", options => options.Load = _ => TestModels.Bert())
            .AddLanguageModel(options => options.Directory = checkpoint));

        await fixture.StartAsync();

        Assert.Equal("chat", fixture.Provider.GetRequiredKeyedService<IChatClient>("chat").GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Equal(3, (await fixture.Provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("vectors").GenerateAsync(["a", "b", "c"])).Count);
        Assert.Equal("small-chat", fixture.Provider.GetRequiredService<LanguageModelHost>().ModelId);
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync("language-model-vectors")).Status);
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync("language-model-chat")).Status);
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync()).Status);
        Assert.Contains("ready", (await fixture.HealthAsync()).Tags);
        Assert.Contains("Template", Assert.Throws<InvalidOperationException>(() => fixture.Provider.GetRequiredService<IChatClient>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registering_a_model_twice_only_adds_to_its_settings()
    {
        await using var fixture = new ServiceFixture(services => services
            .AddLanguageModel(options => options.Load = _ => TestModels.Random())
            .AddLanguageModel(options => options.ModelId = "second"));

        await fixture.StartAsync();

        Assert.Equal("second", fixture.Provider.GetRequiredService<LanguageModelHost>().ModelId);
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync()).Status);
    }

    [Fact]
    public async Task A_network_that_cannot_write_is_refused_as_a_chat_model_and_freed()
    {
        var bert = TestModels.Bert();
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options => (options.Template, options.Load) = ("ChatML", _ => bert)));

        Assert.Contains("looks both ways", (await Assert.ThrowsAsync<NotSupportedException>(fixture.StartAsync)).Message, StringComparison.Ordinal);
        Assert.All(bert.Network.parameters(), parameter => Assert.True(parameter.IsInvalid));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Warming_up_is_one_token_and_can_be_left_out(bool warmUp, int requests)
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options => (options.WarmUp, options.Load) = (warmUp, _ => TestModels.Random())));

        await fixture.StartAsync();

        Assert.Equal(requests, fixture.Provider.GetRequiredService<LanguageModelHost>().Statistics?.GeneratedTokens ?? 0);
        Assert.True(fixture.Provider.GetRequiredService<LanguageModelHost>().IsLoaded);
    }

    [Fact]
    public async Task Health_tells_of_a_model_that_is_loading_and_of_one_that_is_there()
    {
        using var gate = new ManualResetEventSlim();
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
        {
            options.LoadInBackground = true;
            options.Load = _ =>
            {
                gate.Wait();
                return TestModels.Random();
            };
        }));

        await fixture.StartAsync();

        var loading = await fixture.HealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, loading.Status);
        Assert.Contains("not loaded yet", loading.Description, StringComparison.Ordinal);
        Assert.Contains("still being loaded", Assert.Throws<InvalidOperationException>(() => fixture.Provider.GetRequiredService<LanguageModelHost>().Model).Message, StringComparison.Ordinal);
        gate.Set();
        await ServiceFixture.Eventually(async () => (await fixture.HealthAsync()).Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task Health_tells_why_a_model_could_not_be_loaded()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
            (options.LoadInBackground, options.Load) = (true, _ => throw new InvalidDataException("the weights are damaged"))));

        await fixture.StartAsync();

        await ServiceFixture.Eventually(async () => (await fixture.HealthAsync()).Description!.Contains("the weights are damaged", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Unhealthy, (await fixture.HealthAsync()).Status);
    }

    [Fact]
    public async Task Health_is_degraded_while_the_queue_is_full()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
        {
            (options.SlotCount, options.QueueCapacity, options.Template) = (1, 1, "ChatML");
            options.Load = _ => TestModels.Random(contextLength: 2048);
        }));
        await fixture.StartAsync();
        var chat = fixture.Provider.GetRequiredService<IChatClient>();
        await using var running = chat.GetStreamingResponseAsync(Question, Endless).GetAsyncEnumerator();
        await running.MoveNextAsync();
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync()).Status);
        using var cancellation = new CancellationTokenSource();

        var queued = chat.GetResponseAsync(Question, Endless, cancellation.Token);

        var full = await fixture.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, full.Status);
        Assert.Equal(1, full.Data["queued"]);
        await Assert.ThrowsAsync<SchedulerFullException>(() => chat.GetResponseAsync(Question, Endless));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        Assert.Equal(HealthStatus.Healthy, (await fixture.HealthAsync()).Status);
        Assert.Equal(1L, (await fixture.HealthAsync()).Data["refused"]);
    }

    [Fact]
    public async Task Stopping_lets_running_replies_finish_and_takes_no_more()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
            (options.Template, options.Load) = ("ChatML", _ => TestModels.Random(contextLength: 512))));
        await fixture.StartAsync();
        var chat = fixture.Provider.GetRequiredService<IChatClient>();
        await using var running = chat.GetStreamingResponseAsync(Question, new ChatOptions { MaxOutputTokens = 100, RawRepresentationFactory = Endless.RawRepresentationFactory }).GetAsyncEnumerator();
        await running.MoveNextAsync();

        await fixture.StoppingAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetResponseAsync(Question));
        Assert.Equal(HealthStatus.Unhealthy, (await fixture.HealthAsync()).Status);
        ChatFinishReason? finish = null;
        while (await running.MoveNextAsync())
        {
            finish = running.Current.FinishReason;
        }

        Assert.Equal(ChatFinishReason.Length, finish);
        await fixture.StopAsync();
    }

    [Fact]
    public async Task Replies_that_take_too_long_end_cleanly_when_the_bound_is_over()
    {
        var time = new ManualTime();
        await using var fixture = new ServiceFixture(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddLanguageModel(options => (options.Template, options.StopTimeout, options.Load) =
                ("ChatML", TimeSpan.FromSeconds(5), _ => TestModels.Random(contextLength: 4096)));
        });
        await fixture.StartAsync();
        var chat = fixture.Provider.GetRequiredService<IChatClient>();
        var running = chat.GetResponseAsync(Question, Endless);
        await ServiceFixture.Eventually(() => Task.FromResult(fixture.Provider.GetRequiredService<LanguageModelHost>().Statistics!.Running == 1));

        var stopped = fixture.StopAsync();
        Assert.False(stopped.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));

        await stopped;
        Assert.Equal(FinishReasons.Cancelled, (await running).FinishReason);
    }

    [Fact]
    public async Task The_hosts_own_patience_ends_them_too()
    {
        await using var fixture = new ServiceFixture(services => services.AddLanguageModel(options =>
            (options.Template, options.StopTimeout, options.Load) = ("ChatML", TimeSpan.FromHours(1), _ => TestModels.Random(contextLength: 4096))));
        await fixture.StartAsync();
        var running = fixture.Provider.GetRequiredService<IChatClient>().GetResponseAsync(Question, Endless);

        await fixture.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(FinishReasons.Cancelled, (await running).FinishReason);
    }

    private static ChatOptions Endless { get; } = new()
    {
        MaxOutputTokens = 4_000,
        RawRepresentationFactory = _ => new GenerationOptions
        {
            StopAtEndOfText = false, LogitBias = TestModels.Tokenizer.SpecialTokens.Values.ToDictionary(id => id, _ => -100.0),
        },
    };
}
