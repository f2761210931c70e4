using System.Diagnostics.Metrics;

namespace MLNetLlm.Models.Tests.Generation;

public class GenerationSchedulerSpecifications : IDisposable
{
    private static readonly GenerationOptions Greedy = GenerationData.Greedy;
    private static readonly GenerationOptions Endless = Greedy with { MaximumNewTokens = int.MaxValue, ContextOverflow = ContextOverflow.Slide };

    private readonly LanguageModel model = TestNetworks.CreateLanguageModel();

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task RequestsOfManyCallersGetTheTextsThatEachWouldGetAlone()
    {
        var prompts = TestNetworks.RandomRows(20, Enumerable.Range(0, 24).Select(row => 1 + row * 5 % 19).ToArray());
        var options = Greedy with { Temperature = 0.8, Seed = 3 };
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 4, PromptTokensPerStep = 8 });
        var texts = await Task.WhenAll(prompts.Select(prompt => Task.Run(() => Read(scheduler.GenerateAsync(prompt, options)))));
        var generator = new TextGenerator(model);
        Assert.All(prompts.Zip(texts), pair => Assert.Equal(generator.Generate(pair.First, options).TokenIds, pair.Second.Ids));
        var statistics = scheduler.Statistics;
        Assert.Equal((0, 0, 24L, 24L * 12), (statistics.Queued, statistics.Running, statistics.FinishedRequests, statistics.GeneratedTokens));
        Assert.InRange(statistics.Steps, 24 * 12 / 4, 24 * 12);
    }

    [Fact]
    public async Task ATextMayEndWithTheFirstTokenAfterItsContextSlid()
    {
        var generator = new TextGenerator(model);
        for (var tokens = 20; tokens < 60; tokens++)
        {
            var options = Endless with { MaximumNewTokens = tokens };
            await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1 });
            var text = await Read(scheduler.GenerateAsync([1, 2, 3], options));
            Assert.Equal(generator.Generate([1, 2, 3], options).TokenIds, text.Ids);
            Assert.Equal(tokens, scheduler.Statistics.GeneratedTokens);
        }
    }

    [Fact]
    public async Task ARequestBeyondTheQueueIsRefusedAtOnce()
    {
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1, QueueCapacity = 2 });
        await using var running = scheduler.GenerateAsync([1], Endless).GetAsyncEnumerator();
        await running.MoveNextAsync();
        using var source = new CancellationTokenSource();
        var waiting = scheduler.GenerateAsync([2], Endless, source.Token);
        _ = scheduler.GenerateAsync([3], Endless);
        Assert.Equal(2, Assert.Throws<SchedulerFullException>(() => scheduler.GenerateAsync([4], Endless)).QueueCapacity);
        Assert.Equal((2, 1L), (scheduler.Statistics.Queued, scheduler.Statistics.RefusedRequests));

        // Who does not wait any more makes room.
        source.Cancel();
        _ = scheduler.GenerateAsync([4], Endless);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Read(waiting));
    }

    [Fact]
    public async Task ACancelledRequestFreesItsSlot()
    {
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1 });
        using var source = new CancellationTokenSource();
        var endless = scheduler.GenerateAsync([1], Endless, source.Token).GetAsyncEnumerator();
        await endless.MoveNextAsync();
        var next = Read(scheduler.GenerateAsync([2], Greedy));
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await endless.MoveNextAsync())
            {
            }
        });
        Assert.Equal(12, (await next).Ids.Count);
    }

    [Fact]
    public async Task ToStopReadingFreesTheSlot()
    {
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1 });
        await foreach (var _ in scheduler.GenerateAsync([1], Endless))
        {
            break;
        }

        Assert.Equal(12, (await Read(scheduler.GenerateAsync([2], Greedy))).Ids.Count);
    }

    [Fact]
    public async Task AReaderThatDoesNotReadHoldsUpNobody()
    {
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 2 });
        var unread = scheduler.GenerateAsync([1], Greedy with { MaximumNewTokens = 20 });
        for (var request = 0; request < 5; request++)
        {
            Assert.Equal(12, (await Read(scheduler.GenerateAsync([2], Greedy))).Ids.Count);
        }

        Assert.Equal(20, (await Read(unread)).Ids.Count);
    }

    [Fact]
    public async Task DisposingEndsEveryStreamWithALastChunk()
    {
        var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1 });
        var streams = new[] { Read(scheduler.GenerateAsync([1], Endless)), Read(scheduler.GenerateAsync([2], Endless)) };
        await scheduler.DisposeAsync();
        Assert.All(await Task.WhenAll(streams), stream => Assert.Equal(FinishReason.Cancelled, stream.Reason));
        Assert.Throws<ObjectDisposedException>(() => scheduler.GenerateAsync([1]));
        await scheduler.DisposeAsync();
    }

    [Fact]
    public async Task StoppingLetsRequestsFinishUntilItIsCancelled()
    {
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 2 });
        using var source = new CancellationTokenSource();
        var endless = Read(scheduler.GenerateAsync([1], Endless));
        var finite = Read(scheduler.GenerateAsync([2], Greedy));
        var stopping = scheduler.StopAsync(source.Token);
        Assert.Throws<ObjectDisposedException>(() => scheduler.GenerateAsync([3], Greedy));
        Assert.Equal(FinishReason.Length, (await finite).Reason);
        Assert.False(stopping.IsCompleted);
        source.Cancel();
        await stopping;
        Assert.Equal(FinishReason.Cancelled, (await endless).Reason);
    }

    [Fact]
    public async Task ABadRequestIsRefusedByTheCallItself()
    {
        await using var scheduler = new GenerationScheduler(model);
        Assert.Throws<ArgumentException>(() => scheduler.GenerateAsync([1, 320]));
        Assert.Throws<ArgumentException>(() => scheduler.GenerateAsync([1], new GenerationOptions { TopP = 7 }));
        Assert.Throws<ArgumentException>(() => scheduler.GenerateAsync(new int[33]));
        Assert.Throws<ArgumentException>(() => new GenerationScheduler(model, new GenerationSchedulerOptions { QueueCapacity = -1 }));
        Assert.Throws<ArgumentException>(() => new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 0 }));
    }

    [Fact]
    public async Task ARequestForNothingEndsAtOnce()
    {
        await using var scheduler = new GenerationScheduler(model);
        Assert.Equal(FinishReason.Length, (await Read(scheduler.GenerateAsync([1], Greedy with { MaximumNewTokens = 0 }))).Reason);
        using var source = new CancellationTokenSource();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Read(scheduler.GenerateAsync([1], Greedy, source.Token)));
    }

    [Fact]
    public async Task ScoresThatAreNoNumbersFailTheRequestAndNotTheService()
    {
        await using var scheduler = new GenerationScheduler(model);
        GenerationData.Spoil(model, float.NaN);
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(scheduler.GenerateAsync([1], Greedy)));
        GenerationData.Spoil(model, 0);
        Assert.Equal(12, (await Read(scheduler.GenerateAsync([1], Greedy))).Ids.Count);
    }

    [Fact]
    public async Task MetersCountRequestsAndTokens()
    {
        var sums = new System.Collections.Concurrent.ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == GenerationScheduler.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.ToArray().Contains(new("gen_ai.request.model", "measured")))
            {
                var type = tags.ToArray().FirstOrDefault(tag => tag.Key == "gen_ai.token.type").Value;
                sums.AddOrUpdate($"{instrument.Name}{type}", value, (_, sum) => sum + value);
            }
        }

        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        await using (var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { ModelName = "measured" }))
        {
            await Read(scheduler.GenerateAsync([1, 2, 3], Greedy));
            await Read(scheduler.GenerateAsync([1], Greedy));
        }

        Assert.Equal((4.0, 24.0), (sums["gen_ai.client.token.usageinput"], sums["gen_ai.client.token.usageoutput"]));
        Assert.Equal((0.0, 0.0, 24.0), (sums["mlnetllm.scheduler.requests.queued"], sums["mlnetllm.scheduler.requests.running"], sums["mlnetllm.scheduler.batch.size"]));
        Assert.True(sums["gen_ai.server.time_to_first_token"] > 0 && sums["gen_ai.server.request.duration"] > sums["gen_ai.server.time_to_first_token"]);
    }

    private static async Task<(List<int> Ids, FinishReason? Reason)> Read(IAsyncEnumerable<GeneratedChunk> stream)
    {
        var ids = new List<int>();
        FinishReason? reason = null;
        await foreach (var chunk in stream)
        {
            ids.AddRange(chunk.TokenIds);
            reason = chunk.FinishReason;
        }

        return (ids, reason);
    }
}
