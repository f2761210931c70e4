using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.ML;
using Microsoft.ML;

namespace MLNetLlm.Services.Tests.Pools;

public sealed class CheckedPoolSpecifications : IDisposable
{
    private static readonly byte[] First = PoolFixture.Zip(seed: 1);
    private static readonly byte[] Second = PoolFixture.Zip(seed: 2);
    private static readonly float[] FirstVector = PoolFixture.Expected(First);
    private static readonly float[] SecondVector = PoolFixture.Expected(Second);
    private readonly PoolFixture fixture = new();

    public CheckedPoolSpecifications() => File.WriteAllBytes(fixture.Path, First);

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task A_replaced_file_is_served_from_the_next_look_on()
    {
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        Assert.Equal(FirstVector, pool.Predict(PoolFixture.Row).Features);
        fixture.Replace(Second);
        Assert.Equal(FirstVector, pool.Predict(PoolFixture.Row).Features);

        Assert.True(await PoolFixture.Loader(provider).LookAsync());

        Assert.Equal(SecondVector, pool.Predict(PoolFixture.Row).Features);
        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(2, PoolFixture.Loader(provider).Status.Loads);
    }

    [Fact]
    public async Task Looks_are_taken_at_regular_times()
    {
        var provider = fixture.Provider(options: new CheckedModelOptions<TextRow, Vectors> { Period = TimeSpan.FromMinutes(1) });
        var pool = PoolFixture.Pool(provider);
        fixture.Replace(Second);

        fixture.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, PoolFixture.Loader(provider).Status.Loads);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        // The look has begun; the next one waits for it.
        await PoolFixture.Loader(provider).LookAsync();

        Assert.Equal(2, PoolFixture.Loader(provider).Status.Loads);
        Assert.Equal(SecondVector, pool.Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task An_engine_that_is_out_while_the_model_changes_predicts_by_the_new_one()
    {
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        var engine = pool.GetPredictionEngine();
        Assert.Equal(FirstVector, engine.Predict(PoolFixture.Row).Features);
        fixture.Replace(Second);
        await PoolFixture.Loader(provider).LookAsync();

        Assert.Equal(SecondVector, engine.Predict(PoolFixture.Row).Features);
        pool.ReturnPredictionEngine(engine);

        Assert.Equal(SecondVector, pool.Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task Under_load_no_request_fails_or_mixes_models_and_none_is_stale_after_a_reload()
    {
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        using var done = new CancellationTokenSource();
        var served = 0;
        var current = 0;
        var clients = Enumerable.Range(0, 6).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                // A request that begins after a reload is done must have its result.
                var before = Volatile.Read(ref current);
                var prediction = pool.Predict(PoolFixture.Row);
                var after = Volatile.Read(ref current);
                Assert.Equal(prediction.Features, prediction.Twin);
                var isFirst = Near(prediction.Features, FirstVector);
                Assert.True(isFirst || Near(prediction.Features, SecondVector));
                // Even numbers stand for the first model; in a reload, an odd step beyond, either will do.
                if (before == after && before % 2 == 0)
                {
                    Assert.Equal(before % 4 == 0, isFirst);
                }

                Interlocked.Increment(ref served);
            }
        })).ToArray();

        for (var reload = 0; reload < 10; reload++)
        {
            var target = Volatile.Read(ref served) + 12;
            SpinWait.SpinUntil(() => Volatile.Read(ref served) >= target || Array.Exists(clients, client => client.IsCompleted));
            fixture.Replace(reload % 2 == 0 ? Second : First);
            Interlocked.Increment(ref current);
            Assert.True(await PoolFixture.Loader(provider).LookAsync());
            Interlocked.Increment(ref current);
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(11, PoolFixture.Loader(provider).Status.Loads);
        Assert.Empty(fixture.Log.Messages);
    }

    [Fact]
    public async Task Weights_are_loaded_once_for_all_engines_and_freed_with_the_reload()
    {
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        var engines = Enumerable.Range(0, 5).Select(_ => pool.GetPredictionEngine()).ToArray();
        foreach (var engine in engines)
        {
            engine.Predict(PoolFixture.Row);
        }

        Assert.Equal(1, PoolFixture.Loader(provider).Status.Loads);
        var old = PoolFixture.Served(provider).Network.parameters().ToArray();
        // One stays out, the others wait in the pool: none may keep the old weights.
        foreach (var engine in engines.Skip(1))
        {
            pool.ReturnPredictionEngine(engine);
        }

        fixture.Replace(Second);
        await PoolFixture.Loader(provider).LookAsync();

        Assert.All(old, parameter => Assert.True(parameter.IsInvalid));
        Assert.All(PoolFixture.Served(provider).Network.parameters(), parameter => Assert.False(parameter.IsInvalid));
        pool.ReturnPredictionEngine(engines[0]);
    }

    [Fact]
    public async Task Memory_is_flat_over_twenty_reloads()
    {
        // 8 MB of weights each: twenty that stayed would be 160 MB.
        byte[][] zips = [Large(1), Large(2)];
        fixture.Replace(zips[0]);
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        var engine = pool.GetPredictionEngine();
        // Until then the runtime and the C library's heaps still grow to the size that reloads take.
        for (var warmUp = 0; warmUp < 10; warmUp++)
        {
            await Reload(warmUp);
        }

        var before = Settled();
        for (var reload = 0; reload < 20; reload++)
        {
            await Reload(reload);
        }

        var grown = (Settled() - before) / 1e6;
        Assert.True(grown < 60, $"{grown:0} MB more after twenty reloads");

        async Task Reload(int reload)
        {
            fixture.Replace(zips[(reload + 1) % 2]);
            Assert.True(await PoolFixture.Loader(provider).LookAsync());
            pool.Predict(PoolFixture.Row);
            engine.Predict(PoolFixture.Row);
        }

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }

        static byte[] Large(long seed)
        {
            using var model = MLNetLlm.Models.LanguageModel.Create(
                Models.GptConfig.Tiny with { VocabularySize = 320, ContextLength = 32, Width = 192, HeadCount = 4, LayerCount = 5 },
                TestModels.Tokenizer, Models.Precision.Float32, TorchSharp.torch.CPU, seed);
            return PoolFixture.Zip(seed, model: model);
        }
    }

    [Fact]
    public async Task A_damaged_file_leaves_the_old_model_serving_and_health_degraded_until_it_is_mended()
    {
        var provider = fixture.Provider();
        await PoolFixture.StartAsync(provider);
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);

        foreach (var damaged in new[] { "no model"u8.ToArray(), Second[..(Second.Length / 2)], [] })
        {
            fixture.Replace(damaged);
            Assert.False(await PoolFixture.Loader(provider).LookAsync());
            var health = await PoolFixture.HealthAsync(provider);
            Assert.Equal(HealthStatus.Degraded, health.Status);
            Assert.Contains(fixture.Path, health.Description, StringComparison.Ordinal);
            Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
        }

        // The same bytes are not read, nor complained of, again and again.
        var complaints = fixture.Log.Messages.Count;
        await PoolFixture.Loader(provider).LookAsync();
        Assert.Equal(complaints, fixture.Log.Messages.Count);
        fixture.Replace(Second);
        Assert.True(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);
        Assert.Equal(SecondVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_deleted_file_leaves_the_old_model_serving_and_health_degraded_until_it_is_back()
    {
        var provider = fixture.Provider();
        await PoolFixture.StartAsync(provider);
        File.Move(fixture.Path, fixture.Path + ".away");

        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        Assert.False(await PoolFixture.Loader(provider).LookAsync());

        var health = await PoolFixture.HealthAsync(provider);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("does not exist", health.Description, StringComparison.Ordinal);
        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
        Assert.Single(fixture.Log.Messages);
        File.Move(fixture.Path + ".away", fixture.Path);
        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);
    }

    [Fact]
    public async Task A_model_without_a_column_that_was_predicted_is_not_taken()
    {
        var provider = fixture.Provider();
        await PoolFixture.StartAsync(provider);
        fixture.Replace(PoolFixture.Zip(seed: 2, column: "Other"));

        Assert.False(await PoolFixture.Loader(provider).LookAsync());

        Assert.Contains("column 'Features'", PoolFixture.Loader(provider).Status.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_model_that_reads_another_column_is_not_taken()
    {
        var provider = fixture.Provider();
        await PoolFixture.StartAsync(provider);
        fixture.Replace(PoolFixture.Zip(seed: 2, input: "Message"));

        Assert.False(await PoolFixture.Loader(provider).LookAsync());

        Assert.Contains("Message", PoolFixture.Loader(provider).Status.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_model_that_fails_the_applications_own_check_is_not_taken_and_is_freed()
    {
        var provider = fixture.Provider(options: new CheckedModelOptions<TextRow, Vectors>
        {
            Check = engine =>
            {
                if (!Near(engine.Predict(PoolFixture.Row).Features, FirstVector))
                {
                    throw new InvalidDataException("not as good as before");
                }
            },
        });
        await PoolFixture.StartAsync(provider);
        fixture.Replace(Second);

        Assert.False(await PoolFixture.Loader(provider).LookAsync());

        Assert.Equal("not as good as before", PoolFixture.Loader(provider).Status.Failure!.Message);
        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_service_does_not_start_without_its_first_model()
    {
        File.Delete(fixture.Path);
        var provider = fixture.Provider();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => PoolFixture.StartAsync(provider));

        Assert.Contains(fixture.Path, error.Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unhealthy, (await PoolFixture.HealthAsync(provider)).Status);
        File.WriteAllBytes(fixture.Path, First);
        await PoolFixture.StartAsync(provider);
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);
    }

    [Fact]
    public async Task Named_models_are_watched_each_for_itself()
    {
        File.WriteAllBytes(fixture.Path + "2", Second);
        var provider = fixture.Provider(pool => pool.FromCheckedFile("one", fixture.Path).FromCheckedFile("two", fixture.Path + "2"));
        await PoolFixture.StartAsync(provider);

        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict("one", PoolFixture.Row).Features);
        Assert.Equal(SecondVector, PoolFixture.Pool(provider).Predict("two", PoolFixture.Row).Features);
        File.Delete(fixture.Path);
        await PoolFixture.Loader(provider, "one").LookAsync();
        await PoolFixture.Loader(provider, "two").LookAsync();
        Assert.Equal(HealthStatus.Degraded, (await PoolFixture.HealthAsync(provider, "prediction-pool-Vectors-one")).Status);
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider, "prediction-pool-Vectors-two")).Status);
    }

    [Fact]
    public void Microsofts_own_loader_serves_these_models_too()
    {
        var pool = PoolFixture.Pool(fixture.Provider(builder => builder.FromFile(fixture.Path, watchForChanges: false)));

        Parallel.For(0, 32, _ => Assert.True(Near(FirstVector, pool.Predict(PoolFixture.Row).Features)));
    }

    [Fact]
    public async Task Data_transformed_in_bulk_keeps_its_model()
    {
        var provider = fixture.Provider();
        var ml = new MLContext();
        var view = PoolFixture.Pool(provider).GetModel().Transform(ml.Data.LoadFromEnumerable([PoolFixture.Row]));
        fixture.Replace(Second);
        await PoolFixture.Loader(provider).LookAsync();

        Assert.Equal(FirstVector, ml.Data.CreateEnumerable<Vectors>(view, reuseRowObject: false).Single().Features);
    }

    [Fact]
    public async Task Disposing_of_the_service_frees_the_model()
    {
        var provider = fixture.Provider();
        PoolFixture.Pool(provider).Predict(PoolFixture.Row);
        var parameters = PoolFixture.Served(provider).Network.parameters().ToArray();

        await provider.DisposeAsync();

        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void A_period_that_is_none_is_refused()
    {
        Assert.Contains("Period", Assert.Throws<ArgumentException>(
            () => fixture.Provider(options: new CheckedModelOptions<TextRow, Vectors> { Period = TimeSpan.Zero })).Message, StringComparison.Ordinal);
    }

    private static bool Near(float[] left, float[] right) => left.Length == right.Length && left.Zip(right).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3);
}
