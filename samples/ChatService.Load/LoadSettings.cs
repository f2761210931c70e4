namespace ChatService.Load;

/// <param name="Duration">Length of the main phase, in which all clients are at work.</param>
/// <param name="SpamClients">Clients that have one message after the other judged.</param>
/// <param name="Chats">Clients that have one answer after the other streamed.</param>
/// <param name="MaximumTokens">Most new tokens of an answer.</param>
internal sealed record LoadSettings(TimeSpan Duration, int SpamClients, int Chats, int MaximumTokens)
{
    private const double ShareOfComparison = 1.0 / 3;
    private const double ShareOfWarmUp = 1.0 / 5;
    private const int MostSecondsOfComparison = 20;
    private const int MostSecondsOfWarmUp = 20;

    /// <summary>Length of each of the two phases that compare many chats with one.</summary>
    public TimeSpan Comparison => Share(ShareOfComparison, MostSecondsOfComparison);

    /// <summary>Length of the phase that is not measured.</summary>
    public TimeSpan WarmUp => Share(ShareOfWarmUp, MostSecondsOfWarmUp);

    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(Duration > TimeSpan.Zero, "--minutes", Duration.TotalMinutes);
        Check(SpamClients > 0, "--spam-clients", SpamClients);
        Check(Chats > 0, "--chats", Chats);
        Check(MaximumTokens > 0, "--tokens", MaximumTokens);
    }

    private TimeSpan Share(double share, int mostSeconds) => TimeSpan.FromSeconds(Math.Min(share * Duration.TotalSeconds, mostSeconds));

    private static void Check(bool holds, string option, double value)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{option} must be above 0, but is {value}."));
        }
    }
}
