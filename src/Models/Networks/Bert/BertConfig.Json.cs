using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <content>The public <c>config.json</c> of the BERT family.</content>
public sealed partial record BertConfig
{
    private const string PretrainingArchitecture = "BertForPreTraining";

    internal static readonly TransformerFamily Bert = new()
    {
        ModelTypes = ["bert"],
        ArchitecturePrefixes = ["BertFor", "BertModel"],
        LanguageModelArchitecture = "BertForMaskedLM",
        ClassifierArchitecture = "BertForSequenceClassification",
        ClassifierHead = new ClassifierHead("classifier", HasBias: true, Pooling.Pooler),
        WeightPrefix = "bert.",
        HeadPrefix = "cls.",
        AdapterTargets = ["query", "value"],
        CurrentName = BertCheckpointNames.Current,
        ReadConfig = Read,
        Build = (config, precision, device, initializer) => new BertModel((BertConfig)config, precision, device, initializer),
    };

    private protected override void WriteKeys(JsonObject json)
    {
        json["model_type"] = "bert";
        json["vocab_size"] = VocabularySize;
        json["max_position_embeddings"] = ContextLength;
        json["type_vocab_size"] = TokenTypeCount;
        json["hidden_size"] = Width;
        json["intermediate_size"] = FeedForwardWidth;
        json["num_hidden_layers"] = LayerCount;
        json["num_attention_heads"] = HeadCount;
        ActivationNames.Write(json, "hidden_act", Activation);
        json["hidden_dropout_prob"] = Dropout;
        json["attention_probs_dropout_prob"] = AttentionDropout ?? Dropout;
        json["layer_norm_eps"] = LayerNormEpsilon;
        json["initializer_range"] = InitializerRange;
    }

    private static BertConfig Read(JsonKeys keys)
    {
        keys.Take<string?>("model_type", null);
        var positions = keys.Peek("position_embedding_type", "absolute");
        keys.Require(positions == "absolute", "position_embedding_type", "absolute", positions);
        keys.Require(!keys.Peek("is_decoder", false), "is_decoder", "false", true);
        keys.Require(!keys.Peek("add_cross_attention", false), "add_cross_attention", "false", true);
        keys.Require(keys.Peek("tie_word_embeddings", true), "tie_word_embeddings", "true", false);
        var architecture = keys.FirstOf("architectures");
        var dropout = keys.Take("hidden_dropout_prob", 0.1);
        var attentionDropout = keys.Take("attention_probs_dropout_prob", 0.1);
        return new BertConfig
        {
            VocabularySize = keys.Take("vocab_size", 30_522),
            ContextLength = keys.Take("max_position_embeddings", 512),
            TokenTypeCount = keys.Take("type_vocab_size", 2),
            Width = keys.Take("hidden_size", 768),
            FeedForwardWidth = keys.Take("intermediate_size", 3072),
            LayerCount = keys.Take("num_hidden_layers", 12),
            HeadCount = keys.Take("num_attention_heads", 12),
            Activation = ActivationNames.Read(
                keys, "hidden_act", Activation.Gelu, Activation.Gelu, Activation.GeluTanh, Activation.Relu, Activation.Silu),
            Dropout = dropout,
            AttentionDropout = attentionDropout == dropout ? null : attentionDropout,
            LayerNormEpsilon = keys.Take("layer_norm_eps", 1e-12),
            InitializerRange = keys.Take("initializer_range", 0.02),
            HasMaskedTokenHead = architecture is null or PretrainingArchitecture or "BertForMaskedLM",
            HasPairHead = architecture is PretrainingArchitecture or "BertForNextSentencePrediction",
        };
    }
}
