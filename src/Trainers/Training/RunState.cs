using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetLlm.Trainers;

/// <summary>How far a run has come. Everything random follows from the seed and these counters, so no generator's state is kept.</summary>
internal sealed record RunState
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public int Version { get; init; } = CurrentVersion;

    public required int Seed { get; init; }

    /// <summary>The present epoch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the epoch that are done.</summary>
    public long BatchesTaken { get; init; }

    public long Step { get; init; }

    public long Tokens { get; init; }

    public TimeSpan Elapsed { get; init; }

    public double? SmoothedLoss { get; init; }

    /// <summary>The last step's report.</summary>
    public TrainingProgress? Last { get; init; }

    /// <summary>The step after which the last validation was; 0 before the first.</summary>
    public long ValidatedStep { get; init; }

    public double? BestLoss { get; init; }

    /// <summary>The step after which the best weights were taken.</summary>
    public long? BestStep { get; init; }

    public int ValidationsSinceBest { get; init; }

    public bool IsFinished { get; init; }

    public SortedDictionary<string, string> Identity { get; init; } = new(StringComparer.Ordinal);

    private const int CurrentVersion = 1;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">It is no state of a run, or one that this version does not know.</exception>
    public static RunState FromJson(byte[] json, string nameForErrors)
    {
        try
        {
            var state = JsonSerializer.Deserialize<RunState>(json, Json)!;
            return state.Version == CurrentVersion
                ? state
                : throw new InvalidDataException($"{nameForErrors} has the version {state.Version}, expected {CurrentVersion}; it was written by another version of this library.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{nameForErrors} is damaged: {exception.Message}", exception);
        }
    }
}
