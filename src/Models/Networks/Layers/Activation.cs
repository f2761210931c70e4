namespace MLNetLlm.Models;

/// <summary>What stands between the two matrices of a feed-forward layer.</summary>
public enum Activation
{
    /// <summary>The tanh approximation of GELU that GPT-2 was trained with; <c>gelu_new</c> in config.json.</summary>
    GeluTanh,

    /// <summary>The exact GELU (Hendrycks and Gimpel 2016); <c>gelu</c> in config.json.</summary>
    Gelu,

    /// <summary>max(x, 0); <c>relu</c> in config.json.</summary>
    Relu,

    /// <summary>x sigmoid(x) (Elfwing et al. 2017), of LLaMA's gated layers; <c>silu</c> in config.json.</summary>
    Silu,
}
