namespace MLNetLlm.Models;

/// <summary>The shards of a checkpoint as one, checked against the index that lists them.</summary>
internal sealed class ShardedWeights : IWeightSource
{
    private readonly Dictionary<string, IWeightSource> shardOf;
    private readonly IReadOnlyList<SafetensorsReader> shards;

    private ShardedWeights(string description, IReadOnlyList<SafetensorsReader> shards, Dictionary<string, IWeightSource> shardOf)
    {
        Description = description;
        Entries = [.. shards.SelectMany(shard => shard.Entries)];
        this.shards = shards;
        this.shardOf = shardOf;
    }

    public string Description { get; }

    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    public bool IsRandomAccess => true;

    /// <param name="index">What should be there.</param>
    /// <param name="description">What error messages call the index.</param>
    /// <param name="open">Opens a shard; <see langword="null"/> where it is missing.</param>
    /// <exception cref="FileNotFoundException">Shards are missing; the message names them all.</exception>
    /// <exception cref="InvalidDataException">A shard is damaged, or shards and index contradict each other; the message lists all contradictions.</exception>
    public static ShardedWeights Open(SafetensorsIndex index, string description, Func<string, SafetensorsReader?> open)
    {
        var shards = new List<SafetensorsReader>();
        try
        {
            var missing = new List<string>();
            var problems = new List<string>();
            var shardOf = new Dictionary<string, IWeightSource>();
            foreach (var name in index.Shards)
            {
                if (open(name) is not { } shard)
                {
                    missing.Add(name);
                    continue;
                }

                shards.Add(shard);
                Compare(index, name, shard, shardOf, problems);
            }

            if (missing.Count > 0)
            {
                throw new FileNotFoundException($"{description} names {string.Join(", ", missing.Select(name => $"'{name}'"))}, which {(missing.Count == 1 ? "is" : "are")} missing.");
            }

            problems.AddRange(index.WeightMap
                .Where(pair => !shardOf.ContainsKey(pair.Key))
                .Select(pair => $"tensor '{pair.Key}' should be in '{pair.Value}', but is in none"));
            return problems.Count == 0
                ? new ShardedWeights(description, shards, shardOf)
                : throw new InvalidDataException($"{description} does not fit its shards: {string.Join("; ", problems)}.");
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    public string FileOf(SafetensorsEntry entry) => shardOf[entry.Name].FileOf(entry);

    public void ReadBytes(SafetensorsEntry entry, long offset, Span<byte> target) => shardOf[entry.Name].ReadBytes(entry, offset, target);

    public void Dispose()
    {
        foreach (var shard in shards)
        {
            shard.Dispose();
        }
    }

    private static void Compare(
        SafetensorsIndex index, string name, SafetensorsReader shard, Dictionary<string, IWeightSource> shardOf, List<string> problems)
    {
        foreach (var entry in shard.Entries)
        {
            if (!shardOf.TryAdd(entry.Name, shard))
            {
                problems.Add($"tensor '{entry.Name}' is in {shardOf[entry.Name].FileOf(entry)} and again in '{name}'");
            }
            else if (!index.WeightMap.TryGetValue(entry.Name, out var expected))
            {
                problems.Add($"tensor '{entry.Name}' of '{name}' is not in the index");
            }
            else if (expected != name)
            {
                problems.Add($"tensor '{entry.Name}' should be in '{expected}', but is in '{name}'");
            }
        }
    }
}
