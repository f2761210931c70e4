namespace MLNetLlm.ChatService.Tests;

/// <summary>Waits for what happens soon, and is patient with slow machines.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"It did not happen within {Patience}: {what}.");
            await Task.Delay(10);
        }
    }
}
