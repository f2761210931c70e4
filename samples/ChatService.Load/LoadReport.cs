namespace ChatService.Load;

/// <param name="Seconds">Length of the main phase.</param>
/// <param name="OneChat">One chat at a time, nothing else.</param>
/// <param name="ManyChats">All chats, nothing else.</param>
/// <param name="Spam">The main phase: clients that have messages judged.</param>
/// <param name="Chat">The main phase: clients that chat.</param>
/// <param name="Memory">The service's memory in the main phase.</param>
internal sealed record LoadReport(double Seconds, Figures OneChat, Figures ManyChats, Figures Spam, Figures Chat, MemoryFigures Memory)
{
    /// <summary>How much more all chats together get than one at a time.</summary>
    public double BatchingGain => OneChat.TokensPerSecond > 0 ? ManyChats.TokensPerSecond / OneChat.TokensPerSecond : 0;

    public int Errors => OneChat.Errors + ManyChats.Errors + Spam.Errors + Chat.Errors;
}

/// <summary>Memory of the service under full load, in megabytes, when the first moments are over.</summary>
/// <param name="Start">Mean of the first tenth.</param>
/// <param name="End">Mean of the last tenth.</param>
/// <param name="Peak">The most.</param>
internal sealed record MemoryFigures(double Start, double End, double Peak)
{
    private const double BytesPerMegabyte = 1 << 20;

    public static MemoryFigures Of(IReadOnlyList<long> samples)
    {
        var tenth = Math.Max(1, samples.Count / 10);
        return new MemoryFigures(
            samples.Take(tenth).Average() / BytesPerMegabyte, samples.TakeLast(tenth).Average() / BytesPerMegabyte, samples.Max() / BytesPerMegabyte);
    }
}
