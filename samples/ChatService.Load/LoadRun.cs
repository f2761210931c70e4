using Spectre.Console;

namespace ChatService.Load;

/// <summary>The phases: warm-up, one chat at a time, all chats, and then all clients together.</summary>
internal sealed class LoadRun(ServiceProcess service, LoadSettings settings, IAnsiConsole console)
{
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromMilliseconds(500);

    // What the first moments of full load allocate for good is no leak.
    private const double ShareBeforeMemoryCounts = 0.2;

    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        await PhaseAsync("Warm-up", settings.WarmUp, settings.SpamClients, settings.Chats, cancellation);
        var (_, one) = await PhaseAsync("One chat at a time", settings.Comparison, spamClients: 0, chats: 1, cancellation);
        var (_, many) = await PhaseAsync($"{settings.Chats} chats", settings.Comparison, spamClients: 0, settings.Chats, cancellation);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var memory = WatchMemoryAsync(watching.Token);
        var (spam, chat) = await PhaseAsync($"{settings.SpamClients} spam clients and {settings.Chats} chats", settings.Duration, settings.SpamClients, settings.Chats, cancellation);
        await watching.CancelAsync();
        return new LoadReport(settings.Duration.TotalSeconds, one, many, spam, chat, await memory);
    }

    private async Task<(Figures Spam, Figures Chat)> PhaseAsync(string name, TimeSpan duration, int spamClients, int chats, CancellationToken cancellation)
    {
        console.WriteLine($"{name} for {duration.TotalSeconds:0} s ...");
        var (spam, chat) = (new Measurements(), new Measurements());
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = service.Address, Timeout = TimeSpan.FromMinutes(5) };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, spamClients).Select(client => Task.Run(() => SpamLoad.RunAsync(http, client, spam, end.Token), cancellation)),
            .. Enumerable.Range(0, chats).Select(client => Task.Run(() => ChatLoad.RunAsync(http, client, settings.MaximumTokens, chat, end.Token), cancellation)),
        ]);
        cancellation.ThrowIfCancellationRequested();
        return (spam.Summarize(duration), chat.Summarize(duration));
    }

    private async Task<MemoryFigures> WatchMemoryAsync(CancellationToken end)
    {
        var samples = new List<long>();
        while (!end.IsCancellationRequested)
        {
            samples.Add(service.ResidentBytes);
            await Task.Delay(BetweenSamples, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return MemoryFigures.Of(samples.Skip((int)(samples.Count * ShareBeforeMemoryCounts)).DefaultIfEmpty(service.ResidentBytes).ToArray());
    }
}
