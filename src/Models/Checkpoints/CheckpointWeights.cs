using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The weight files of a checkpoint: <c>model.safetensors</c>, or several shards with an index where a directory wants no
/// file above a size.
/// </summary>
internal static class CheckpointWeights
{
    public const string FileName = "model.safetensors";
    public const string IndexFileName = "model.safetensors.index.json";

    /// <summary>Opens the weights of a store, wherever they are, for the time of a call.</summary>
    /// <exception cref="FileNotFoundException">There are none; where there are weights in another format, the message says what to do.</exception>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static void Read(ICheckpointStore store, Action<IWeightSource> read)
    {
        if (store is DirectoryCheckpointStore directory)
        {
            using var source = Open(directory);
            read(source);
        }
        else if (!store.TryRead(FileName, stream =>
        {
            using var reader = SafetensorsReader.Read(stream, store.Describe(FileName));
            read(reader);
        }))
        {
            throw new FileNotFoundException($"{store.Describe(FileName)} is missing.");
        }
    }

    /// <summary>Writes tensors: into one file, or into shards where the store is a directory and they are larger than it wants.</summary>
    public static void Write(ICheckpointStore store, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        var limit = store is DirectoryCheckpointStore directory ? directory.MaximumShardBytes : long.MaxValue;
        var shards = Shards(tensors, limit);
        if (shards.Count == 1)
        {
            store.Write(FileName, stream => SafetensorsWriter.Write(stream, tensors));
            return;
        }

        var weightMap = new Dictionary<string, string>();
        for (var i = 0; i < shards.Count; i++)
        {
            var name = $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
            var shard = shards[i];
            store.Write(name, stream => SafetensorsWriter.Write(stream, shard));
            foreach (var (tensor, _) in shard)
            {
                weightMap.Add(tensor, name);
            }
        }

        var total = tensors.Sum(pair => SafetensorsWriter.ByteCount(pair.Value));
        store.Write(IndexFileName, stream => new SafetensorsIndex(weightMap).Write(stream, total));
    }

    private static IWeightSource Open(DirectoryCheckpointStore directory)
    {
        if (directory.Open(FileName, SafetensorsReader.Open) is { } single)
        {
            return single;
        }

        SafetensorsIndex? index = null;
        return directory.TryRead(IndexFileName, stream => index = SafetensorsIndex.Read(stream, directory.Describe(IndexFileName)))
            ? ShardedWeights.Open(index!, directory.Describe(IndexFileName), name => directory.Open(name, SafetensorsReader.Open))
            : throw ForeignWeights.Missing(directory.Directory, directory.Describe(FileName));
    }

    private static List<List<KeyValuePair<string, Tensor>>> Shards(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, long limit)
    {
        List<List<KeyValuePair<string, Tensor>>> shards = [[]];
        long bytes = 0;
        foreach (var pair in tensors)
        {
            var count = SafetensorsWriter.ByteCount(pair.Value);
            if (bytes > 0 && bytes + count > limit)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(pair);
            bytes += count;
        }

        return shards;
    }
}
