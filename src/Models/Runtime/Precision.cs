namespace MLNetLlm.Models;

/// <summary>
/// Number type of the matrix products. Weights, residual stream, norms and losses are 32-bit always: the cast happens inside
/// the linear layers (mixed precision training, Micikevicius et al. 2018).
/// </summary>
public enum Precision
{
    /// <summary><see cref="BFloat16"/> where the hardware and the size of the network gain from it, else <see cref="Float32"/>.</summary>
    Auto,

    /// <summary>32-bit products.</summary>
    Float32,

    /// <summary>bfloat16 products of 32-bit weights. Works on every device; fast only where the hardware has it.</summary>
    BFloat16,
}
