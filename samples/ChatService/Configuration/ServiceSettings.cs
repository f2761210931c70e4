namespace ChatService;

/// <summary>
/// Settings of the service, from the section <c>Service</c> of appsettings.json, from environment variables
/// (<c>Service__ModelName=...</c>) and from the command line, which counts most.
/// </summary>
internal sealed class ServiceSettings
{
    public const string Section = "Service";

    /// <summary>Checkpoint directory, name on the Hub, or zip of an instruction-tuned model; nothing trains a small one first.</summary>
    public string? Model { get; set; }

    /// <summary>How conversations are written for the model; a zip knows its own.</summary>
    public string Template { get; set; } = "chatml";

    /// <summary>What requests call the model.</summary>
    public string ModelName { get; set; } = "local";

    /// <summary>Zip of the spam filter; nothing trains one first.</summary>
    public string? SpamModel { get; set; }

    /// <summary>Keys of which a request must bear one; none lets everybody in, on the loopback address only.</summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>Most texts written at once; each reserves memory for its keys and values.</summary>
    public int Slots { get; set; } = 16;

    /// <summary>Most requests that wait for a slot; further ones get status 429.</summary>
    public int QueueCapacity { get; set; } = 64;

    /// <summary>Most new tokens of a request; what asks for more gets this many.</summary>
    public int MaximumNewTokens { get; set; } = 512;

    /// <summary>Messages judged, or batches embedded, at once; more than processors gains nothing.</summary>
    public int Predictions { get; set; } = Environment.ProcessorCount;

    /// <summary>Most predictions that wait; further ones get status 429.</summary>
    public int PredictionQueue { get; set; } = 512;

    /// <summary>Longest time for a request, waiting included.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long running texts may go on after the service was told to stop.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes of a request's body.</summary>
    public long MaximumBodyBytes { get; set; } = 1 << 20;

    /// <exception cref="InvalidOperationException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(!string.IsNullOrWhiteSpace(ModelName), nameof(ModelName), "must not be empty");
        Check(ChatTemplates.Names.Contains(Template), nameof(Template), $"must be one of {string.Join(", ", ChatTemplates.Names)}, but is '{Template}'");
        Check(Array.TrueForAll(ApiKeys, key => key.Length >= 8), nameof(ApiKeys), "must have at least 8 characters each");
        Check(Slots > 0, nameof(Slots), $"must be at least 1, but is {Slots}");
        Check(QueueCapacity >= 0, nameof(QueueCapacity), $"must be at least 0, but is {QueueCapacity}");
        Check(MaximumNewTokens > 0, nameof(MaximumNewTokens), $"must be at least 1, but is {MaximumNewTokens}");
        Check(Predictions > 0, nameof(Predictions), $"must be at least 1, but is {Predictions}");
        Check(PredictionQueue >= 0, nameof(PredictionQueue), $"must be at least 0, but is {PredictionQueue}");
        Check(RequestTimeout > TimeSpan.Zero, nameof(RequestTimeout), $"must be longer than nothing, but is {RequestTimeout}");
        Check(ShutdownGrace >= TimeSpan.Zero, nameof(ShutdownGrace), $"must not be negative, but is {ShutdownGrace}");
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
