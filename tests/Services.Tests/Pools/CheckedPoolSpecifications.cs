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
                var isFirst = PoolFixture.AreNear(prediction.Features, FirstVector);
                Assert.True(isFirst || PoolFixture.AreNear(prediction.Features, SecondVector));
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
        Assert.Equal(HealthStatus.Degraded, (await PoolFixture.HealthAsync(provider, PoolFixture.HealthName + "-one")).Status);
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider, PoolFixture.HealthName + "-two")).Status);
    }

    [Fact]
    public async Task Pools_of_other_classes_have_health_checks_of_their_own()
    {
        var provider = fixture.Provider(pool =>
        {
            pool.FromCheckedFile(fixture.Path);
            pool.Services.AddPredictionEnginePool<OtherText.TextRow, Vectors>().FromCheckedFile(fixture.Path + "2");
        });
        PoolFixture.Pool(provider).Predict(PoolFixture.Row);

        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);
        Assert.Equal(HealthStatus.Unhealthy, (await PoolFixture.HealthAsync(
            provider, $"prediction-pool-{typeof(OtherText.TextRow)}-{typeof(Vectors)}")).Status);
    }

    [Fact]
    public void Microsofts_own_loader_serves_these_models_too()
    {
        var pool = PoolFixture.Pool(fixture.Provider(builder => builder.FromFile(fixture.Path, watchForChanges: false)));

        Parallel.For(0, 32, _ => Assert.True(PoolFixture.AreNear(FirstVector, pool.Predict(PoolFixture.Row).Features)));
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

    private static class OtherText
    {
        /// <summary>Called as another class is, in another place.</summary>
        public sealed class TextRow
        {
            public string Text { get; set; } = "";
        }
    }
}
