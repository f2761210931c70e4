using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>What belongs to a family of networks. A new family is a record like these and an entry in <see cref="All"/>.</summary>
internal sealed record TransformerFamily
{
    private static readonly TransformerFamily[] All = [GptConfig.Gpt2, LlamaConfig.Llama, LlamaConfig.Mistral, LlamaConfig.Qwen2, BertConfig.Bert];

    /// <summary>The spellings of <c>model_type</c>, the usual one first.</summary>
    public required IReadOnlyList<string> ModelTypes { get; init; }

    /// <summary>What the names in <c>architectures</c> begin with, for files without <c>model_type</c>.</summary>
    public required IReadOnlyList<string> ArchitecturePrefixes { get; init; }

    /// <summary>The name in <c>architectures</c> of the network with its vocabulary projection.</summary>
    public required string LanguageModelArchitecture { get; init; }

    /// <summary>The name in <c>architectures</c> of the network with a classifier's head.</summary>
    public required string ClassifierArchitecture { get; init; }

    /// <summary>The head of its classifiers.</summary>
    public ClassifierHead ClassifierHead { get; init; } = new("score", HasBias: false, Pooling.LastToken);

    /// <summary>What the names of all weights but the heads' may begin with.</summary>
    public required string WeightPrefix { get; init; }

    /// <summary>What the names of the heads' weights begin with.</summary>
    public string HeadPrefix { get; init; } = "lm_head.";

    /// <summary>Last parts of the names of the layers that low-rank adapters usually go to.</summary>
    public required IReadOnlyList<string> AdapterTargets { get; init; }

    /// <summary>Whether files hold the matrices of blocks as [inputs, outputs], as one-dimensional convolutions do.</summary>
    public bool StoresMatricesTransposed { get; init; }

    /// <summary>The current spelling of the name of a tensor, which older files may spell otherwise.</summary>
    public Func<string, string> CurrentName { get; init; } = name => name;

    /// <summary>Takes a configuration out of the keys of a file.</summary>
    public required Func<JsonKeys, TransformerConfig> ReadConfig { get; init; }

    /// <summary>Builds a network of such a configuration.</summary>
    public required Func<TransformerConfig, Precision, Device, WeightInitializer, TransformerModel> Build { get; init; }

    /// <summary>The family that a <c>config.json</c> names.</summary>
    public static TransformerFamily Of(JsonKeys keys)
    {
        if (keys.Peek<string?>("model_type", null) is { } modelType)
        {
            var family = All.FirstOrDefault(family => family.ModelTypes.Contains(modelType));
            keys.Require(family is not null, "model_type", string.Join(", ", All.SelectMany(family => family.ModelTypes)), modelType);
            return family!;
        }

        var architecture = keys.FirstOf("architectures");
        var byName = All.FirstOrDefault(family => family.ArchitecturePrefixes.Any(prefix => architecture?.StartsWith(prefix, StringComparison.Ordinal) == true));
        keys.Require(
            byName is not null || architecture is null, "architectures",
            $"a name that begins with {string.Join(", ", All.SelectMany(family => family.ArchitecturePrefixes))}", architecture ?? "");

        // The oldest files name neither; they are GPT-2's.
        return byName ?? GptConfig.Gpt2;
    }

    /// <summary>Name of a stored tensor in the current spelling, without the family's prefix.</summary>
    public string NameOf(SafetensorsEntry entry) => CurrentName(
        entry.Name.StartsWith(WeightPrefix, StringComparison.Ordinal) ? entry.Name[WeightPrefix.Length..] : entry.Name);

    public IReadOnlySet<string> CurrentNames(IEnumerable<SafetensorsEntry> entries, bool withHeads) => entries
        .Select(NameOf)
        .Where(name => withHeads || !name.StartsWith(HeadPrefix, StringComparison.Ordinal))
        .ToHashSet();

    public TransformerModel Create(TransformerConfig config, Precision precision, Device device, long? seed) =>
        Build(config, precision, device, new WeightInitializer(seed ?? Random.Shared.NextInt64(), device));

    /// <summary>A network whose weights are about to be read or copied, so none are drawn.</summary>
    public TransformerModel CreateWithoutWeights(TransformerConfig config, Precision precision, Device device, PageClearing clearing) =>
        Build(config, precision, device, WeightInitializer.None(device, clearing));
}
