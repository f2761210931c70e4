using System.Text;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// A network, its configuration and its tokenizer: what a checkpoint holds. A checkpoint is a directory with
/// <c>config.json</c>, <c>model.safetensors</c> and <c>tokenizer.json</c> in the public schemas of the network's family.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    internal const string ConfigFileName = "config.json";
    internal const string TokenizerFileName = "tokenizer.json";

    // A network is built before its weights are read; a damaged configuration must not make it much larger than they are.
    private const long WeightsBeforeCheck = 50_000_000;

    internal LanguageModel(TransformerModel network, TextTokenizer tokenizer)
    {
        Network = network;
        Tokenizer = tokenizer;
    }

    /// <summary>Shape of the network.</summary>
    public TransformerConfig Config => Network.Config;

    /// <summary>The network; disposed of with this object.</summary>
    public TransformerModel Network { get; }

    /// <summary>Turns text into token ids and back.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>A network with random weights for a tokenizer.</summary>
    /// <param name="config">Its shape; the vocabulary may be larger than the tokenizer's, but not smaller.</param>
    /// <param name="tokenizer">Turns text into ids.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="device">Where it lives; see <see cref="ComputeDevice"/>.</param>
    /// <param name="seed">The same seed gives the same weights; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">The configuration is not valid or its vocabulary is too small.</exception>
    public static LanguageModel Create(TransformerConfig config, TextTokenizer tokenizer, Precision precision, Device device, long? seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tokenizer);
        config.Validate();
        return config.VocabularySize >= tokenizer.VocabularySize
            ? new LanguageModel(config.Family.Create(config, precision, device, seed), tokenizer)
            : throw new ArgumentException(
                $"{config.GetType().Name}.VocabularySize must be at least the tokenizer's {tokenizer.VocabularySize} entries, but is {config.VocabularySize}.",
                nameof(config));
    }

    /// <summary>Loads a checkpoint directory, for evaluation.</summary>
    /// <param name="directory">Holds <c>config.json</c>, <c>model.safetensors</c> and the tokenizer's files.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="device">See <see cref="ComputeDevice.Select"/>.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the others.</exception>
    public static LanguageModel Load(string directory, Precision precision = Precision.Auto, string? device = null) =>
        Read(new DirectoryCheckpointStore(directory), precision, ComputeDevice.Select(device));

    /// <summary>Saves a checkpoint directory; older files of the same names are replaced together at the end.</summary>
    /// <param name="directory">Made if it does not exist.</param>
    /// <param name="maximumShardBytes">Weights of more bytes are written in several files with an index.</param>
    public void Save(string directory, long maximumShardBytes = DirectoryCheckpointStore.DefaultMaximumShardBytes) =>
        DirectoryCheckpointStore.WriteTogether(directory, Write, maximumShardBytes);

    /// <summary>Loads a checkpoint from any store, for evaluation.</summary>
    /// <inheritdoc cref="Load"/>
    public static LanguageModel Read(ICheckpointStore store, Precision precision, Device device)
    {
        ArgumentNullException.ThrowIfNull(store);
        var config = TransformerConfig.FromJson(ReadText(store, ConfigFileName), store.Describe(ConfigFileName));
        var tokenizer = ReadTokenizer(store, config);
        return new LanguageModel(ReadNetwork(store, config, precision, device), tokenizer);
    }

    /// <summary>Saves a checkpoint to any store.</summary>
    public void Write(ICheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        WriteText(store, ConfigFileName, ConfigJson(Config, Tokenizer).ToJsonString(TransformerConfig.Indented));
        store.Write(TokenizerFileName, Tokenizer.Write);
        NetworkWeights.Write(store, Network.CheckpointTensors(), Config.Family);
    }

    /// <summary>A copy with weights of its own, on the same device and of the same precision, in evaluation mode.</summary>
    /// <param name="dropout">Dropout of the copy's later training, 0 to below 1; <see langword="null"/> keeps this model's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dropout is out of its range.</exception>
    public LanguageModel Clone(double? dropout = null)
    {
        Network.RequireNoAdapters("copying the model");
        var config = Config with { Dropout = dropout ?? Config.Dropout };
        using var clearing = new PageClearing();
        var network = config.Family.CreateWithoutWeights(config, Network.Precision, Network.Device, clearing);
        NetworkWeights.Copy(Network, network);
        network.eval();
        return new LanguageModel(network, Tokenizer);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => Network.Dispose();

    /// <summary>The configuration with the ids of special tokens, by which other programs know where a text ends.</summary>
    internal static JsonObject ConfigJson(TransformerConfig config, TextTokenizer tokenizer)
    {
        var json = config.ToJsonObject();
        AddMissing("bos_token_id", tokenizer.BeginningOfTextId ?? tokenizer.EndOfTextId);
        AddMissing("eos_token_id", tokenizer.EndOfTextId);
        AddMissing("pad_token_id", tokenizer.PaddingId ?? tokenizer.EndOfTextId);
        return json;

        void AddMissing(string key, int? id)
        {
            if (id is not null && !json.ContainsKey(key))
            {
                json[key] = id;
            }
        }
    }

    internal static string ReadText(ICheckpointStore store, string name)
    {
        string? text = null;
        var isThere = store.TryRead(name, stream =>
        {
            using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
            text = reader.ReadToEnd();
        });
        return isThere ? text! : throw Missing(store, name);
    }

    internal static void WriteText(ICheckpointStore store, string name, string text) =>
        store.Write(name, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    internal static TextTokenizer ReadTokenizer(ICheckpointStore store, TransformerConfig config)
    {
        TextTokenizer? tokenizer = null;
        if (store is DirectoryCheckpointStore directory)
        {
            tokenizer = ReadTokenizer(directory);
        }
        else if (!store.TryRead(TokenizerFileName, stream => tokenizer = TextTokenizer.Read(stream, store.Describe(TokenizerFileName))))
        {
            throw Missing(store, TokenizerFileName);
        }

        return config.VocabularySize >= tokenizer!.VocabularySize
            ? tokenizer
            : throw new InvalidDataException(
                $"{store.Describe(ConfigFileName)}: 'vocab_size' is {config.VocabularySize}, but the tokenizer has {tokenizer.VocabularySize} entries.");
    }

    internal static TransformerModel ReadNetwork(ICheckpointStore store, Precision precision, Device device) =>
        ReadNetwork(store, TransformerConfig.FromJson(ReadText(store, ConfigFileName), store.Describe(ConfigFileName)), precision, device);

    internal static TransformerModel ReadNetwork(
        ICheckpointStore store, TransformerConfig config, Precision precision, Device device, bool withHeads, Action<TransformerModel, IWeightSource> fill)
    {
        TransformerModel? network = null;
        try
        {
            CheckpointWeights.Read(store, source =>
            {
                config = config.WithPartsOf(config.Family.CurrentNames(source.Entries, withHeads));
                RequirePlausible(config, source, store);
                using var clearing = new PageClearing();
                network = config.Family.CreateWithoutWeights(config, precision, device, clearing);
                fill(network, source);
                network.eval();
            });
            return network!;
        }
        catch
        {
            network?.Dispose();
            throw;
        }
    }

    private static TransformerModel ReadNetwork(ICheckpointStore store, TransformerConfig config, Precision precision, Device device) =>
        ReadNetwork(store, config, precision, device, withHeads: true, (network, source) => NetworkWeights.Read(
            source, network.CheckpointTensors(), config.Family, network.IsIgnoredInCheckpoints));

    // The other files of a directory say more about the tokenizer, or contradict it. While a save to the directory is not
    // finished, its new files lie elsewhere, and only they count.
    private static TextTokenizer ReadTokenizer(DirectoryCheckpointStore directory) =>
        directory.Open(TokenizerFileName, path => TextTokenizer.Load(
            Path.GetDirectoryName(path) == Path.TrimEndingDirectorySeparator(directory.Directory) ? directory.Directory : path))
        ?? TextTokenizer.Load(directory.Directory);

    private static void RequirePlausible(TransformerConfig config, IWeightSource source, ICheckpointStore store)
    {
        var held = source.Entries.Sum(entry => entry.Shape.Aggregate(1.0, (count, dimension) => count * dimension));
        if (config.ParameterCount > WeightsBeforeCheck && config.ParameterCount > 2 * held)
        {
            throw new InvalidDataException(
                $"{store.Describe(ConfigFileName)} describes a network of {config.ParameterCount} weights, but "
                + $"{source.Description} holds {held:0}.");
        }
    }

    private static FileNotFoundException Missing(ICheckpointStore store, string name) =>
        new($"{store.Describe(name)} is missing; a checkpoint holds {ConfigFileName}, {CheckpointWeights.FileName} and {TokenizerFileName}.");
}
