using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Which files of a repository make a checkpoint. Only safetensors are weights: a pickle runs code when it is read.</summary>
internal static class HubFiles
{
    public const string Config = "config.json";
    public const string Weights = "model.safetensors";
    public const string WeightsIndex = "model.safetensors.index.json";

    private const string WeightsEnding = ".safetensors";

    private static readonly string[] Small =
    [
        Config, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "chat_template.jinja",
    ];

    private static readonly string[] TokenizerEndings = [".model", ".tiktoken"];

    private static readonly string[] PickleEndings = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <summary>The files to have besides the shards that an index names.</summary>
    /// <param name="files">All files of the repository.</param>
    /// <param name="repository">What messages call it.</param>
    /// <exception cref="HubException">It holds no checkpoint that this library reads.</exception>
    public static IReadOnlyList<string> Select(IReadOnlyCollection<string> files, string repository)
    {
        RequireSafe(files, HubNames.StaysBelow, repository);
        var top = files.Where(file => !file.Contains('/')).ToHashSet(StringComparer.Ordinal);
        if (!top.Contains(Config))
        {
            throw NotUsable(repository, $"has no {Config}", files);
        }

        IEnumerable<string> weights = top.Contains(Weights) ? [Weights]
            : top.Contains(WeightsIndex) ? [WeightsIndex]
            : top.Where(IsOtherWeights);
        var selected = top
            .Where(file => Small.Contains(file) || TokenizerEndings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
            .Concat(weights)
            .Order(StringComparer.Ordinal)
            .ToArray();
        RequireSafe(selected, HubNames.IsPlain, repository);
        if (weights.Any())
        {
            return selected;
        }

        var pickles = top.Where(file => PickleEndings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal))).ToArray();
        throw pickles.Length > 0
            ? new HubException(
                HubFailure.NotUsable,
                $"{repository} has its weights as pickles only ({Shortened(pickles)}), which run code when they are read; expected {Weights}, "
                + $"or {WeightsIndex} and its shards. Convert them with the library they were saved by, or choose another revision. "
                + "Nothing was downloaded.")
            : NotUsable(repository, $"has no {Weights}, no {WeightsIndex} and no other {WeightsEnding} file", files);
    }

    /// <summary>The shards that an index names.</summary>
    /// <param name="path">Where the index is.</param>
    /// <param name="nameForErrors">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is no index.</exception>
    public static IReadOnlyList<string> ReadShards(string path, string nameForErrors)
    {
        using var stream = File.OpenRead(path);
        try
        {
            using var index = JsonDocument.Parse(stream);
            var shards = index.RootElement.GetProperty("weight_map").EnumerateObject()
                .Select(entry => entry.Value.GetString() ?? "")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .ToArray();
            return shards.FirstOrDefault(shard => !IsShard(shard)) is { } wrong
                ? throw new InvalidDataException($"{nameForErrors}: 'weight_map' must name {WeightsEnding} files beside it, but names '{Printable(wrong)}'.")
                : shards;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{nameForErrors} must be JSON with an object 'weight_map' of tensor names and file names.", exception);
        }
    }

    /// <summary>
    /// Whether a file holds weights where neither the usual file nor its index is there. A shard whose index is missing does not:
    /// nobody could tell what is missing with it.
    /// </summary>
    public static bool IsOtherWeights(string file) =>
        file.EndsWith(WeightsEnding, StringComparison.Ordinal) && !file.Contains("-of-", StringComparison.Ordinal);

    private static bool IsShard(string name) =>
        HubNames.StaysBelow(name) && HubNames.IsPlain(name) && !name.Contains('/') && name.EndsWith(WeightsEnding, StringComparison.Ordinal);

    private static void RequireSafe(IEnumerable<string> files, Func<string, bool> isSafe, string repository)
    {
        if (files.FirstOrDefault(file => !isSafe(file)) is { } wrong)
        {
            throw new HubException(
                HubFailure.NotUsable,
                $"{repository} lists a file that would be written outside of its directory: '{Printable(wrong)}'. Nothing was downloaded.");
        }
    }

    private static HubException NotUsable(string repository, string what, IReadOnlyCollection<string> files) => new(
        HubFailure.NotUsable,
        $"{repository} {what}; expected a checkpoint with {Config} and {WeightsEnding} weights. It holds {Shortened(files)}. Nothing was downloaded.");

    private static string Shortened(IReadOnlyCollection<string> files) =>
        files.Count == 0 ? "no files" : string.Join(", ", files.Take(10)) + (files.Count > 10 ? $" and {files.Count - 10} more" : "");

    private static string Printable(string name) =>
        new([.. name.Take(200).Select(character => char.IsControl(character) ? '?' : character)]);
}
