using MLNetLlm.Models;

namespace MLNetLlm.Benchmarks;

/// <summary>A training program that exists twice: here and as a Python script.</summary>
internal interface ITrainingWorkload
{
    string Name { get; }

    string Unit { get; }

    /// <summary>The peer's script.</summary>
    string Script { get; }

    /// <summary>The file in the prepared directory that the script reads: token ids.</summary>
    string DataFile { get; }

    /// <summary>Shape of the network and settings, for the script.</summary>
    IEnumerable<(string Name, object Value)> PeerOptions(Precision precision);

    /// <summary>Writes what both sides read.</summary>
    void Prepare(string directory);

    /// <summary>Trains with this library; returns the work per second and, where it classifies, the accuracy.</summary>
    /// <param name="directory">The prepared one.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="recomputes">Whether activations are computed again in place of being kept.</param>
    (double Rate, double? Accuracy) Run(string directory, Precision precision, bool recomputes);
}

internal static class NetworkOptions
{
    /// <summary>A network's shape as the scripts want it.</summary>
    public static IEnumerable<(string Name, object Value)> Of(GptConfig network, int batchSize) =>
    [
        ("vocabulary", network.VocabularySize), ("context", network.ContextLength), ("layers", network.LayerCount), ("heads", network.HeadCount),
        ("width", network.Width), ("dropout", network.Dropout), ("batch", batchSize), ("threads", Environment.ProcessorCount),
    ];
}
