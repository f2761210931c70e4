namespace MLNetLlm.ChatService.Tests;

/// <summary>One service for all tests that leave it as it was.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    public TinyModels Models { get; } = new();

    public RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await RunningService.StartAsync(Models);

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        Models.Dispose();
    }
}

/// <summary>Tests run one after the other: they share two processors with the service.</summary>
[CollectionDefinition(nameof(ServiceCollection))]
public sealed class ServiceCollection : ICollectionFixture<ServiceFixture>;
