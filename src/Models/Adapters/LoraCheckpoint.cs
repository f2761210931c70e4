using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Adapters in files of the public PEFT layout (https://huggingface.co/docs/peft/developer_guides/checkpoint): a directory
/// with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, a few megabytes beside a base model of gigabytes.
/// </summary>
public static class LoraCheckpoint
{
    private const string ConfigFileName = "adapter_config.json";
    private const string WeightsFileName = "adapter_model.safetensors";
    private const string NamePrefix = "base_model.model.";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";

    /// <summary>Saves a network's adapters; older files of the same names are replaced together at the end.</summary>
    /// <param name="network">A network with adapters.</param>
    /// <param name="directory">Made where it does not exist.</param>
    /// <param name="baseModel">Name or path of the checkpoint that the adapters belong to, for those who load them; may be empty.</param>
    /// <exception cref="InvalidOperationException">The network has no adapters.</exception>
    public static void Save(TransformerModel network, string directory, string baseModel = "")
    {
        ArgumentNullException.ThrowIfNull(network);
        var options = network.Adapters ?? throw new InvalidOperationException("The network has no adapters to save.");
        DirectoryCheckpointStore.WriteTogether(directory, store =>
        {
            LanguageModel.WriteText(store, ConfigFileName, ToJson(options, network.Config.Family, network.IsCausal, baseModel).ToJsonString(TransformerConfig.Indented));
            store.Write(WeightsFileName, stream => SafetensorsWriter.Write(stream, Tensors(network).Select(
                pair => KeyValuePair.Create(pair.Name, (Tensor)pair.Weight)).ToArray()));
        });
    }

    /// <summary>Puts adapters from files on a network, which must be of the shape that they were learned for.</summary>
    /// <param name="network">A network without adapters.</param>
    /// <param name="directory">Holds both files.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another kind of adapter, or does not fit the network.</exception>
    public static void Load(TransformerModel network, string directory)
    {
        ArgumentNullException.ThrowIfNull(network);
        var store = new DirectoryCheckpointStore(directory);
        var options = FromJson(LanguageModel.ReadText(store, ConfigFileName), store.Describe(ConfigFileName));
        var isThere = store.TryRead(WeightsFileName, stream =>
        {
            using var reader = SafetensorsReader.Read(stream, store.Describe(WeightsFileName));
            Fill(network, options, reader, store);
        });
        if (!isThere)
        {
            throw new FileNotFoundException($"{store.Describe(WeightsFileName)} is missing; adapters are {ConfigFileName} and {WeightsFileName}.");
        }
    }

    private static void Fill(TransformerModel network, LoraOptions options, SafetensorsReader reader, DirectoryCheckpointStore store)
    {
        try
        {
            network.AddAdapters(options, seed: 0);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{store.Describe(ConfigFileName)} does not fit the network: {exception.Message}", exception);
        }

        try
        {
            NetworkWeights.Read(
                reader,
                Tensors(network).Select(pair => new CheckpointTensor(pair.Name, pair.Weight, IsTransposed: false, IsHead: true)),
                network.Config.Family, _ => false);
        }
        catch
        {
            network.RemoveAdapters();
            throw;
        }
    }

    private static IEnumerable<(string Name, TorchSharp.Modules.Parameter Weight)> Tensors(TransformerModel network)
    {
        foreach (var (path, layer) in network.AdaptedLayers())
        {
            var name = NamePrefix + network.Config.Family.WeightPrefix + path;
            yield return (name + DownSuffix, layer.Adapter!.Down);
            yield return (name + UpSuffix, layer.Adapter.Up);
        }
    }

    private static JsonObject ToJson(LoraOptions options, TransformerFamily family, bool isCausal, string baseModel) => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = isCausal ? "CAUSAL_LM" : "FEATURE_EXTRACTION",
        ["base_model_name_or_path"] = baseModel,
        ["r"] = options.Rank,
        ["lora_alpha"] = options.Alpha,
        ["lora_dropout"] = options.Dropout,
        ["target_modules"] = options.TargetModules is [LoraOptions.AllLinear]
            ? LoraOptions.AllLinear
            : new JsonArray([.. options.TargetModules!.Select(name => JsonValue.Create(name))]),
        ["bias"] = "none",
        ["fan_in_fan_out"] = family.StoresMatricesTransposed,
        ["inference_mode"] = true,
        ["use_rslora"] = false,
        ["use_dora"] = false,
    };

    private static LoraOptions FromJson(string json, string fileName)
    {
        var root = TransformerConfig.ParseObject(json, fileName);
        var keys = new JsonKeys(root, fileName);
        keys.Require(keys.Peek("peft_type", "LORA") == "LORA", "peft_type", "LORA", root["peft_type"]!);
        keys.Require(keys.Peek("bias", "none") == "none", "bias", "none", root["bias"]!);
        foreach (var variant in new[] { "use_rslora", "use_dora" })
        {
            keys.Require(!keys.Peek(variant, false), variant, "false", true);
        }

        foreach (var pattern in new[] { "rank_pattern", "alpha_pattern", "layers_to_transform", "modules_to_save" })
        {
            keys.Require(root[pattern] is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }, pattern, "absent or empty", root[pattern]?.ToJsonString() ?? "");
        }

        var options = new LoraOptions
        {
            Rank = keys.Peek("r", 8),
            Alpha = keys.Peek("lora_alpha", 8.0),
            Dropout = keys.Peek("lora_dropout", 0.0),
            TargetModules = root["target_modules"] switch
            {
                null => null,
                JsonArray names => [.. names.Select(name => name!.ToString()).Order(StringComparer.Ordinal)],
                var one => [one.ToString()],
            },
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{fileName} is not usable: {exception.Message}", exception);
        }

        return options;
    }
}
