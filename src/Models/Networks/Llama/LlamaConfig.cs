namespace MLNetLlm.Models;

/// <summary>
/// Shape of a LLaMA style decoder (Touvron et al. 2023) or of one of its relatives, Mistral and Qwen2. Reads and writes their
/// public <c>config.json</c>; keys that it does not know survive. Start from a preset:
/// <c>LlamaConfig.Mini with { ContextLength = 512 }</c>.
/// </summary>
public sealed partial record LlamaConfig : TransformerConfig
{
    /// <summary>The first LLaMA's shape, of 7 billion weights.</summary>
    public LlamaConfig()
    {
        VocabularySize = 32_000;
        ContextLength = 2048;
        LayerCount = 32;
        HeadCount = 32;
        Width = 4096;
    }

    /// <summary>Which relative this is (<c>model_type</c>).</summary>
    public LlamaVariant Variant { get; init; }

    /// <summary>Key and value heads, a divisor of <see cref="TransformerConfig.HeadCount"/>; <see langword="null"/> is as many (<c>num_key_value_heads</c>).</summary>
    public int? KeyValueHeadCount { get; init; }

    /// <summary>Size of a head's vectors, even; <see langword="null"/> is the width divided by the heads (<c>head_dim</c>).</summary>
    public int? HeadWidth { get; init; }

    /// <summary>Inner size of the feed-forward layers (<c>intermediate_size</c>).</summary>
    public int FeedForwardWidth { get; init; } = 11_008;

    /// <summary>Form of the gate's activation (<c>hidden_act</c>).</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Dropout of attention weights while training, 0 to below 1 (<c>attention_dropout</c>).</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Whether the four projections of attention have a bias (<c>attention_bias</c>; LLaMA only: Qwen2's always have three).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the feed-forward layers have a bias (<c>mlp_bias</c>; LLaMA only).</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether the vocabulary projection shares the embedding's weights (<c>tie_word_embeddings</c>).</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>
    /// Whether there is a vocabulary projection. Published encoders for embeddings may lack an untied one; loading finds out.
    /// </summary>
    public bool HasHead { get; init; } = true;

    /// <summary>Added to the mean square in norms (<c>rms_norm_eps</c>).</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary angles, above 1 (<c>rope_theta</c>).</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>How rotary positions reach further than trained; <see langword="null"/> leaves them plain.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>Most tokens that a token sees, itself counted; <see langword="null"/> is all (<c>sliding_window</c>; not in LLaMA).</summary>
    public int? Window { get; init; }

    /// <summary>The first layers, which <see cref="Window"/> does not limit (<c>max_window_layers</c>; Qwen2 only).</summary>
    public int UnlimitedLayers { get; init; }

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long width = Width, inner = FeedForwardWidth, queries = Heads.QueryWidth, keys = Heads.KeyValueWidth;
            var attention = 2 * width * (queries + keys) + (HasInputBias ? queries + 2 * keys : 0) + (AttentionBias ? width : 0);
            var feedForward = 3 * width * inner + (FeedForwardBias ? 2 * inner + width : 0);
            var tables = VocabularySize * width * (HasHead && !TiedEmbeddings ? 2 : 1);
            return tables + LayerCount * (attention + feedForward + 2 * width) + width;
        }
    }

    internal override TransformerFamily Family => Variant switch
    {
        LlamaVariant.Mistral => Mistral,
        LlamaVariant.Qwen2 => Qwen2,
        _ => Llama,
    };

    internal AttentionHeads Heads => new(HeadCount, KeyValueHeadCount ?? HeadCount, HeadWidth ?? Width / HeadCount);

    internal bool HasInputBias => AttentionBias || Variant == LlamaVariant.Qwen2;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check(Enum.IsDefined(Variant), nameof(Variant), "Llama, Mistral or Qwen2", Variant, "model_type");
        Check(FeedForwardWidth >= 1, nameof(FeedForwardWidth), "at least 1", FeedForwardWidth, "intermediate_size");
        ValidateHeads();
        Check(Activation is >= Activation.GeluTanh and <= Activation.Silu, nameof(Activation), "GeluTanh, Gelu, Relu or Silu", Activation, "hidden_act");
        Check(AttentionDropout is >= 0 and < 1, nameof(AttentionDropout), "0 to below 1", AttentionDropout, "attention_dropout");
        Check(NormEpsilon is > 0 and < 1, nameof(NormEpsilon), "above 0 and below 1", NormEpsilon, "rms_norm_eps");
        Check(Variant == LlamaVariant.Llama || !AttentionBias, nameof(AttentionBias), "false in networks other than LLaMA", AttentionBias, "attention_bias");
        Check(Variant == LlamaVariant.Llama || !FeedForwardBias, nameof(FeedForwardBias), "false in networks other than LLaMA", FeedForwardBias, "mlp_bias");
        Check(HasHead || !TiedEmbeddings, nameof(HasHead), "true where TiedEmbeddings is", HasHead);
        ValidateWindow();
        ValidateRotation();
    }

    internal override TransformerConfig WithPartsOf(IReadOnlySet<string> names) =>
        TiedEmbeddings ? this : this with { HasHead = names.Contains($"{LlamaCheckpointNames.Head}.weight") };

    private void ValidateHeads()
    {
        Check(HeadWidth is not null || Width % HeadCount == 0, nameof(HeadCount), $"a divisor of the width, {Width}, where HeadWidth is null", HeadCount, "num_attention_heads");
        Check(HeadWidth is null or >= 1, nameof(HeadWidth), "null or at least 1", HeadWidth, "head_dim");
        Check(Heads.HeadWidth % 2 == 0, nameof(HeadWidth), "even, for rotary positions turn pairs of components", Heads.HeadWidth, "head_dim");
        Check(
            KeyValueHeadCount is null || (KeyValueHeadCount >= 1 && HeadCount % KeyValueHeadCount == 0), nameof(KeyValueHeadCount),
            $"a divisor of the {HeadCount} heads", KeyValueHeadCount, "num_key_value_heads");
    }

    private void ValidateWindow()
    {
        Check(Window is null or >= 1, nameof(Window), "null or at least 1", Window, "sliding_window");
        Check(Window is null || Variant != LlamaVariant.Llama, nameof(Window), "null in LLaMA; Mistral and Qwen2 have windows", Window, "sliding_window");
        Check(
            UnlimitedLayers == 0 || (UnlimitedLayers > 0 && Variant == LlamaVariant.Qwen2), nameof(UnlimitedLayers),
            "at least 0, and 0 in networks other than Qwen2", UnlimitedLayers, "max_window_layers");
    }

    private void ValidateRotation()
    {
        Check(RotaryBase > 1 && double.IsFinite(RotaryBase), nameof(RotaryBase), "a number above 1", RotaryBase, "rope_theta");
        if (RotaryScaling is not { } scaling)
        {
            return;
        }

        const string name = nameof(RotaryScaling);
        Check(Enum.IsDefined(scaling.Kind), $"{name}.Kind", "Linear, Dynamic or Llama3", scaling.Kind, "rope_type");
        Check(scaling.Factor >= 1 && double.IsFinite(scaling.Factor), $"{name}.Factor", "at least 1", scaling.Factor, "factor");
        if (scaling.Kind == RotaryScalingKind.Linear)
        {
            return;
        }

        Check(scaling.OriginalContextLength >= 1, $"{name}.OriginalContextLength", "at least 1", scaling.OriginalContextLength, "original_max_position_embeddings");
        Check(scaling.Kind != RotaryScalingKind.Dynamic || Heads.HeadWidth > 2, nameof(HeadWidth), "above 2 with dynamic scaling", Heads.HeadWidth, "head_dim");
        if (scaling.Kind == RotaryScalingKind.Llama3)
        {
            Check(scaling.LowFrequencyFactor > 0, $"{name}.LowFrequencyFactor", "above 0", scaling.LowFrequencyFactor, "low_freq_factor");
            Check(
                scaling.HighFrequencyFactor > scaling.LowFrequencyFactor && double.IsFinite(scaling.HighFrequencyFactor), $"{name}.HighFrequencyFactor",
                $"above LowFrequencyFactor, {scaling.LowFrequencyFactor}", scaling.HighFrequencyFactor, "high_freq_factor");
        }
    }
}
