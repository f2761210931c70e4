namespace ChatService;

/// <summary>
/// Settings of the service itself, from the section <c>Service</c> of appsettings.json, from environment variables
/// (<c>Service__ApiKeys__0=...</c>) and from the command line, which counts most. Those of the language model are in the section
/// <c>LanguageModel</c> (<see cref="MLNetLlm.Services.LanguageModelOptions"/>).
/// </summary>
internal sealed class ServiceSettings
{
    public const string Section = "Service";
    public const string LanguageModelSection = "LanguageModel";

    private const int ShortestKey = 8;

    /// <summary>Checkpoint directory, name on the Hub, or zip of an instruction-tuned model; without it, a small one is trained first.</summary>
    public string? Model { get; set; }

    /// <summary>Zip of the spam filter; without it, one is trained first.</summary>
    public string? SpamModel { get; set; }

    /// <summary>Keys of which a request must bear one; none lets everybody in, on the loopback address only.</summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>
    /// Messages judged, or batches embedded, at once; those that come together share a pass through the network. Each takes a thread
    /// while it waits for its result; more of them cost memory and gain nothing.
    /// </summary>
    public int Predictions { get; set; } = 16;

    /// <summary>Most predictions that wait; further ones get status 429.</summary>
    public int PredictionQueue { get; set; } = 512;

    /// <summary>Longest time for a text, waiting included.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Most bytes of a request's body.</summary>
    public long MaximumBodyBytes { get; set; } = 1 << 20;

    /// <exception cref="InvalidOperationException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(Array.TrueForAll(ApiKeys, key => key?.Length >= ShortestKey), nameof(ApiKeys), $"must have at least {ShortestKey} characters each");
        Check(Predictions > 0, nameof(Predictions), $"must be at least 1, but is {Predictions}");
        Check(PredictionQueue >= 0, nameof(PredictionQueue), $"must be at least 0, but is {PredictionQueue}");
        Check(RequestTimeout > TimeSpan.Zero && RequestTimeout < TimeSpan.FromDays(1), nameof(RequestTimeout), $"must be longer than nothing and shorter than a day, but is {RequestTimeout}");
        Check(MaximumBodyBytes > 0, nameof(MaximumBodyBytes), $"must be at least 1, but is {MaximumBodyBytes}");
    }

    private static void Check(bool holds, string setting, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{Section}:{setting} {problem}.");
        }
    }
}
