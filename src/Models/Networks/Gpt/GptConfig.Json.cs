using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <content>The public <c>config.json</c> of the GPT-2 family.</content>
public sealed partial record GptConfig
{
    internal static readonly TransformerFamily Gpt2 = new()
    {
        ModelTypes = ["gpt2"],
        ArchitecturePrefixes = ["GPT2"],
        LanguageModelArchitecture = "GPT2LMHeadModel",
        ClassifierArchitecture = "GPT2ForSequenceClassification",
        WeightPrefix = "transformer.",
        AdapterTargets = ["c_attn"],
        StoresMatricesTransposed = true,
        ReadConfig = Read,
        Build = (config, precision, device, initializer) => new GptModel((GptConfig)config, precision, device, initializer),
    };

    private protected override void WriteKeys(JsonObject json)
    {
        if (!json.ContainsKey("embd_pdrop"))
        {
            json["embd_pdrop"] = Dropout;
        }

        json["model_type"] = "gpt2";
        json["vocab_size"] = VocabularySize;
        json["n_positions"] = ContextLength;
        json["n_ctx"] = ContextLength;
        json["n_embd"] = Width;
        json["n_layer"] = LayerCount;
        json["n_head"] = HeadCount;
        json["n_inner"] = FeedForwardWidth;
        ActivationNames.Write(json, "activation_function", Activation);
        json["resid_pdrop"] = Dropout;
        json["attn_pdrop"] = AttentionDropout ?? Dropout;
        json["layer_norm_epsilon"] = LayerNormEpsilon;
        json["initializer_range"] = InitializerRange;
        json["tie_word_embeddings"] = TiedEmbeddings;
        json["bias"] = Bias;
    }

    private static GptConfig Read(JsonKeys keys)
    {
        keys.Take<string?>("model_type", null);
        keys.Require(keys.Peek("scale_attn_weights", true), "scale_attn_weights", "true", false);
        keys.Require(!keys.Peek("scale_attn_by_inverse_layer_idx", false), "scale_attn_by_inverse_layer_idx", "false", true);
        var dropout = keys.Take("resid_pdrop", 0.1);
        var attentionDropout = keys.Take("attn_pdrop", 0.1);
        if (keys.Peek("embd_pdrop", dropout) == dropout)
        {
            keys.Take("embd_pdrop", dropout);
        }

        var contextLength = keys.Take("n_ctx", 1024);
        return new GptConfig
        {
            VocabularySize = keys.Take("vocab_size", 50_257),
            ContextLength = keys.Take("n_positions", contextLength),
            Width = keys.Take("n_embd", 768),
            LayerCount = keys.Take("n_layer", 12),
            HeadCount = keys.Take("n_head", 12),
            FeedForwardWidth = keys.Take<int?>("n_inner", null),
            Activation = ActivationNames.Read(keys, "activation_function", Activation.GeluTanh, Activation.GeluTanh, Activation.Gelu),
            Dropout = dropout,
            AttentionDropout = attentionDropout == dropout ? null : attentionDropout,
            LayerNormEpsilon = keys.Take("layer_norm_epsilon", 1e-5),
            InitializerRange = keys.Take("initializer_range", 0.02),
            TiedEmbeddings = keys.Take("tie_word_embeddings", true),
            Bias = keys.Take("bias", true),
        };
    }
}
