using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <content>The public <c>config.json</c> of the LLaMA family.</content>
public sealed partial record LlamaConfig
{
    internal static readonly TransformerFamily Llama = CreateFamily("llama", "Llama", keys => ReadShared(keys, new LlamaConfig
    {
        AttentionBias = keys.Take("attention_bias", false),
        FeedForwardBias = keys.Take("mlp_bias", false),
    }));

    internal static readonly TransformerFamily Mistral = CreateFamily("mistral", "Mistral", keys => ReadShared(keys, new LlamaConfig
    {
        Variant = LlamaVariant.Mistral,
        ContextLength = 131_072,
        FeedForwardWidth = 14_336,
        KeyValueHeadCount = 8,
        Window = keys.Has("sliding_window") ? keys.Take<int?>("sliding_window", null) : 4096,
    }));

    internal static readonly TransformerFamily Qwen2 = CreateFamily("qwen2", "Qwen2", keys => ReadShared(keys, ReadQwen2(keys)));

    // In files of Qwen2 a window may be stated that is not used; it stays as it is.
    private static LlamaConfig ReadQwen2(JsonKeys keys)
    {
        var isWindowed = keys.Peek("use_sliding_window", false);
        return new LlamaConfig
        {
            Variant = LlamaVariant.Qwen2,
            VocabularySize = 151_936,
            ContextLength = 32_768,
            FeedForwardWidth = 22_016,
            Window = !isWindowed ? null : keys.Has("sliding_window") ? keys.Peek<int?>("sliding_window", null) : 4096,
            UnlimitedLayers = isWindowed ? keys.Peek("max_window_layers", 28) : 0,
        };
    }

    private static TransformerFamily CreateFamily(string modelType, string name, Func<JsonKeys, LlamaConfig> read) => new()
    {
        ModelTypes = [modelType],
        ArchitecturePrefixes = [$"{name}For", $"{name}Model"],
        LanguageModelArchitecture = $"{name}ForCausalLM",
        ClassifierArchitecture = $"{name}ForSequenceClassification",
        WeightPrefix = "model.",
        AdapterTargets = ["q_proj", "v_proj"],
        ReadConfig = read,
        Build = (config, precision, device, initializer) => new LlamaModel((LlamaConfig)config, precision, device, initializer),
    };

    private protected override void WriteKeys(JsonObject json)
    {
        json["model_type"] = Family.ModelTypes[0];
        json["vocab_size"] = VocabularySize;
        json["hidden_size"] = Width;
        json["intermediate_size"] = FeedForwardWidth;
        json["num_hidden_layers"] = LayerCount;
        json["num_attention_heads"] = HeadCount;
        json["num_key_value_heads"] = KeyValueHeadCount ?? HeadCount;
        ActivationNames.Write(json, "hidden_act", Activation);
        json["initializer_range"] = InitializerRange;
        json["rms_norm_eps"] = NormEpsilon;
        json["tie_word_embeddings"] = TiedEmbeddings;
        json["attention_dropout"] = AttentionDropout;
        if (HeadWidth is not null || json.ContainsKey("head_dim"))
        {
            json["head_dim"] = HeadWidth;
        }

        // LLaMA itself drops nothing out; the key is that of other families.
        if (Dropout > 0 || json.ContainsKey("resid_pdrop"))
        {
            json["resid_pdrop"] = Dropout;
        }

        if (Variant == LlamaVariant.Llama)
        {
            json["attention_bias"] = AttentionBias;
            json["mlp_bias"] = FeedForwardBias;
        }

        WriteWindow(json);
        RotaryKeys.Write(json, RotaryBase, RotaryScaling, ContextLength);
    }

    private void WriteWindow(JsonObject json)
    {
        if (Variant == LlamaVariant.Mistral)
        {
            json["sliding_window"] = Window;
        }
        else if (Variant == LlamaVariant.Qwen2)
        {
            json["use_sliding_window"] = Window is not null;
            if (Window is not null)
            {
                json["sliding_window"] = Window;
                json["max_window_layers"] = UnlimitedLayers;
            }
        }

        if (json.ContainsKey("layer_types"))
        {
            json["layer_types"] = new JsonArray([.. LayerTypes().Select(type => JsonValue.Create(type))]);
        }
    }

    private IEnumerable<string> LayerTypes() => Enumerable.Range(0, LayerCount)
        .Select(layer => Window is not null && layer >= UnlimitedLayers ? "sliding_attention" : "full_attention");

    private static LlamaConfig ReadShared(JsonKeys keys, LlamaConfig absent)
    {
        keys.Require(!keys.Has("quantization_config"), "quantization_config", "absent: quantized weights are not supported", "there");
        keys.Take<string?>("model_type", null);
        var headCount = keys.Take("num_attention_heads", absent.HeadCount);
        var (contextLength, rotaryBase, scaling) = RotaryKeys.Read(keys, absent.ContextLength);
        var config = absent with
        {
            VocabularySize = keys.Take("vocab_size", absent.VocabularySize),
            ContextLength = contextLength,
            Width = keys.Take("hidden_size", absent.Width),
            FeedForwardWidth = keys.Take("intermediate_size", absent.FeedForwardWidth),
            LayerCount = keys.Take("num_hidden_layers", absent.LayerCount),
            HeadCount = headCount,
            KeyValueHeadCount = keys.Has("num_key_value_heads") ? keys.Take<int?>("num_key_value_heads", null) : absent.KeyValueHeadCount,
            HeadWidth = keys.Peek<int?>("head_dim", null),
            Activation = ActivationNames.Read(
                keys, "hidden_act", Activation.Silu, Activation.Silu, Activation.Gelu, Activation.GeluTanh, Activation.Relu),
            Dropout = keys.Peek("resid_pdrop", 0.0),
            AttentionDropout = keys.Take("attention_dropout", 0.0),
            InitializerRange = keys.Take("initializer_range", 0.02),
            NormEpsilon = keys.Take("rms_norm_eps", 1e-6),
            TiedEmbeddings = keys.Take("tie_word_embeddings", false),
            RotaryBase = rotaryBase,
            RotaryScaling = scaling,
        };
        if (keys.Strings("layer_types") is { } types)
        {
            keys.Require(
                types.SequenceEqual(config.LayerTypes()), "layer_types", $"{config.LayerCount} entries as the window's keys say ({string.Join(", ", config.LayerTypes().Distinct())})",
                string.Join(", ", types));
        }

        return config;
    }
}
