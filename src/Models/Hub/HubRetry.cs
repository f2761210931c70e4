namespace MLNetLlm.Models;

/// <summary>Tries again with pauses that double, or as long as the server asks for.</summary>
internal sealed class HubRetry(HubOptions options)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, int maximumAttempts, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (HubTransientFailure failure)
            {
                await PauseAsync(failure, failures, maximumAttempts, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits before the next attempt.</summary>
    /// <param name="failure">How the last attempt ended.</param>
    /// <param name="failures">How many attempts have failed.</param>
    /// <param name="maximumAttempts">How many may.</param>
    /// <param name="cancellationToken">Ends the pause.</param>
    /// <exception cref="HubException">There is no next attempt.</exception>
    public async Task PauseAsync(HubTransientFailure failure, int failures, int maximumAttempts, CancellationToken cancellationToken)
    {
        if (failures >= maximumAttempts)
        {
            throw new HubException(
                HubFailure.Unreachable, failures == 1 ? failure.Message : $"{failure.Message} Given up after {failures} attempts.", failure);
        }

        if (failure.RetryAfter > LongestAsked)
        {
            throw new HubException(
                HubFailure.Unreachable,
                FormattableString.Invariant($"{failure.Message} The server asks to wait for {failure.RetryAfter.Value.TotalSeconds:0} s; try again then."),
                failure);
        }

        var pause = failure.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures - 1)));
        await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
    }
}
