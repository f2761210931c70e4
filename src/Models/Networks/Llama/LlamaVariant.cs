namespace MLNetLlm.Models;

/// <summary>Relatives of LLaMA that compute the same but for a few settings, under their own names in public files.</summary>
public enum LlamaVariant
{
    /// <summary>LLaMA (Touvron et al. 2023) and what names itself so; <c>llama</c>.</summary>
    Llama,

    /// <summary>Mistral (Jiang et al. 2023): attention may be limited to a window; <c>mistral</c>.</summary>
    Mistral,

    /// <summary>Qwen2 and Qwen2.5 (Yang et al. 2024): queries, keys and values have a bias, upper layers may have a window; <c>qwen2</c>.</summary>
    Qwen2,
}
