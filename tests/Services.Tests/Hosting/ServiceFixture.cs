using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Hosting;

/// <summary>A service as a host runs it: options are checked, then its hosted services start in order and stop in reverse.</summary>
internal sealed class ServiceFixture : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    public ServiceFixture(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        provider = services.BuildServiceProvider();
    }

    public IServiceProvider Provider => provider;

    public async Task StartAsync()
    {
        provider.GetService<IStartupValidator>()?.Validate();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    public async Task StoppingAsync()
    {
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StoppingAsync(CancellationToken.None);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        foreach (var service in provider.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(cancellationToken);
        }
    }

    public async Task<HealthReportEntry> HealthAsync(string name = "language-model") =>
        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    public static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 400 && !await condition(); attempt++)
        {
            await Task.Delay(25);
        }

        Assert.True(await condition(), "That did not come to be within ten seconds.");
    }

    /// <summary>A checkpoint directory of a small chat model.</summary>
    public static string Checkpoint(TemporaryDirectory directory, string name = "small-chat")
    {
        using var model = TestModels.Random();
        model.Save(directory.File(name));
        return directory.File(name);
    }
}
