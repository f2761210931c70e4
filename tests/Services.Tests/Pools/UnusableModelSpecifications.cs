using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.ML;

namespace MLNetLlm.Services.Tests.Pools;

/// <summary>Models that are no better than none: the one before goes on serving, and the health check says so.</summary>
public sealed class UnusableModelSpecifications : IDisposable
{
    private static readonly byte[] First = PoolFixture.Zip(seed: 1);
    private static readonly byte[] Second = PoolFixture.Zip(seed: 2);
    private static readonly float[] FirstVector = PoolFixture.Expected(First);
    private static readonly float[] SecondVector = PoolFixture.Expected(Second);
    private readonly PoolFixture fixture = new();

    public UnusableModelSpecifications() => File.WriteAllBytes(fixture.Path, First);

    public void Dispose() => fixture.Dispose();

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

    [Theory]
    [InlineData("Other", "Text", "column 'Features'")]
    [InlineData("Features", "Message", "Message")]
    public async Task A_model_that_predicts_or_reads_another_column_is_not_taken(string column, string input, string named)
    {
        var provider = fixture.Provider();
        await PoolFixture.StartAsync(provider);
        fixture.Replace(PoolFixture.Zip(seed: 2, column, input));

        Assert.False(await PoolFixture.Loader(provider).LookAsync());

        Assert.Contains(named, PoolFixture.Loader(provider).Status.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(FirstVector, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_model_that_fails_the_applications_own_check_is_not_taken_and_is_freed()
    {
        var provider = fixture.Provider(options: new CheckedModelOptions<TextRow, Vectors>
        {
            Check = engine =>
            {
                if (!PoolFixture.AreNear(engine.Predict(PoolFixture.Row).Features, FirstVector))
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
}
