using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <content>The public <c>config.json</c> of the GPT-2 family.</content>
public sealed partial record GptConfig
{
    private const string ModelType = "gpt2";

    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Dictionary<string, GptActivation> Activations = new()
    {
        ["gelu_new"] = GptActivation.GeluTanh,
        ["gelu_pytorch_tanh"] = GptActivation.GeluTanh,
        ["gelu_fast"] = GptActivation.GeluTanh,
        ["gelu"] = GptActivation.Gelu,
    };

    /// <summary>The content of a <c>config.json</c>; keys that came from <see cref="FromJson"/> and are not ours are kept.</summary>
    public string ToJson() => ToJsonObject().ToJsonString(Indented);

    /// <summary>Reads the content of a <c>config.json</c> and checks it.</summary>
    /// <param name="json">The content.</param>
    /// <param name="nameForErrors">What error messages call the file.</param>
    /// <exception cref="InvalidDataException">It is no GPT-2 configuration, or one that this network would compute wrongly.</exception>
    public static GptConfig FromJson(string json, string nameForErrors = "config.json")
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var root = JsonNode.Parse(json) as JsonObject ?? throw new InvalidDataException($"{nameForErrors} must hold a JSON object.");
            return FromJsonObject(root, nameForErrors);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{nameForErrors} is not valid JSON: {exception.Message}", exception);
        }
    }

    internal JsonObject ToJsonObject()
    {
        var json = OtherKeys is null ? [] : (JsonObject)JsonNode.Parse(OtherKeys)!;
        if (!json.ContainsKey("architectures"))
        {
            json["architectures"] = new JsonArray("GPT2LMHeadModel");
        }

        if (!json.ContainsKey("embd_pdrop"))
        {
            json["embd_pdrop"] = Dropout;
        }

        json["model_type"] = ModelType;
        json["vocab_size"] = VocabularySize;
        json["n_positions"] = ContextLength;
        json["n_ctx"] = ContextLength;
        json["n_embd"] = Width;
        json["n_layer"] = LayerCount;
        json["n_head"] = HeadCount;
        json["n_inner"] = FeedForwardWidth;
        json["activation_function"] = Activation == GptActivation.Gelu ? "gelu" : "gelu_new";
        json["resid_pdrop"] = Dropout;
        json["attn_pdrop"] = AttentionDropout ?? Dropout;
        json["layer_norm_epsilon"] = LayerNormEpsilon;
        json["initializer_range"] = InitializerRange;
        json["tie_word_embeddings"] = TiedEmbeddings;
        json["bias"] = Bias;
        return json;
    }

    // Takes what it knows out of the object; the rest is kept.
    internal static GptConfig FromJsonObject(JsonObject root, string nameForErrors)
    {
        var reader = new JsonKeys(root, nameForErrors);
        var modelType = reader.Take("model_type", ModelType);
        reader.Require(modelType == ModelType, "model_type", $"\"{ModelType}\"", modelType);
        var activation = reader.Take("activation_function", "gelu_new");
        reader.Require(Activations.ContainsKey(activation), "activation_function", string.Join(" or ", Activations.Keys), activation);
        reader.Require(reader.Peek("scale_attn_weights", true), "scale_attn_weights", "true", false);
        reader.Require(!reader.Peek("scale_attn_by_inverse_layer_idx", false), "scale_attn_by_inverse_layer_idx", "false", true);
        var dropout = reader.Take("resid_pdrop", 0.1);
        var attentionDropout = reader.Take("attn_pdrop", 0.1);
        if (reader.Peek("embd_pdrop", dropout) == dropout)
        {
            reader.Take("embd_pdrop", dropout);
        }

        var contextLength = reader.Take("n_ctx", 1024);
        var config = new GptConfig
        {
            VocabularySize = reader.Take("vocab_size", 50_257),
            ContextLength = reader.Take("n_positions", contextLength),
            Width = reader.Take("n_embd", 768),
            LayerCount = reader.Take("n_layer", 12),
            HeadCount = reader.Take("n_head", 12),
            FeedForwardWidth = reader.Take<int?>("n_inner", null),
            Activation = Activations[activation],
            Dropout = dropout,
            AttentionDropout = attentionDropout == dropout ? null : attentionDropout,
            LayerNormEpsilon = reader.Take("layer_norm_epsilon", 1e-5),
            InitializerRange = reader.Take("initializer_range", 0.02),
            TiedEmbeddings = reader.Take("tie_word_embeddings", true),
            Bias = reader.Take("bias", true),
        };
        try
        {
            config.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{nameForErrors} is not usable: {exception.Message}", exception);
        }

        return config with { OtherKeys = root.Count == 0 ? null : root.ToJsonString() };
    }
}
