using Microsoft.Playwright;

namespace MLNetLlm.ChatService.Tests;

/// <summary>A page on a slow line, on which a long answer takes its time whatever the model's speed.</summary>
internal sealed class SlowConnection : IAsyncDisposable
{
    private const int SlowBytesPerSecond = 10_000;
    private const int NoLimit = -1;

    private readonly ICDPSession session;

    private SlowConnection(ICDPSession session) => this.session = session;

    public static async Task<SlowConnection> BeginAsync(IPage page)
    {
        var connection = new SlowConnection(await page.Context.NewCDPSessionAsync(page));
        await connection.session.SendAsync("Network.enable");
        await connection.LimitAsync(SlowBytesPerSecond);
        return connection;
    }

    public async ValueTask DisposeAsync() => await LimitAsync(NoLimit);

    private Task LimitAsync(int bytesPerSecond) => session.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
    {
        ["offline"] = false,
        ["latency"] = 0,
        ["downloadThroughput"] = bytesPerSecond,
        ["uploadThroughput"] = NoLimit,
    });
}
