namespace MLNetLlm.Models;

/// <summary>How rotary positions reach further than a network was first trained for.</summary>
public enum RotaryScalingKind
{
    /// <summary>Positions are divided by the factor (Chen et al. 2023).</summary>
    Linear,

    /// <summary>
    /// The base grows with the number of tokens of a sequence once that is above the original context length ("dynamic NTK").
    /// Keys that a cache holds keep the angles they were written with, as in the public implementation.
    /// </summary>
    Dynamic,

    /// <summary>Slow components are divided by the factor, fast ones stay, those between are mixed (Llama 3.1).</summary>
    Llama3,
}

/// <summary>Scaling of rotary positions (<c>rope_scaling</c>, or <c>rope_parameters</c> in newer files).</summary>
public sealed record RotaryScaling
{
    /// <summary>Which way (<c>rope_type</c>).</summary>
    public required RotaryScalingKind Kind { get; init; }

    /// <summary>How many times further, at least 1 (<c>factor</c>).</summary>
    public required double Factor { get; init; }

    /// <summary>Components with fewer turns than this in the original context are slow (<c>low_freq_factor</c>; Llama 3 only).</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Components with more turns than this in the original context are fast (<c>high_freq_factor</c>; Llama 3 only).</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>Tokens that the network was first trained for (<c>original_max_position_embeddings</c>); not used by <see cref="RotaryScalingKind.Linear"/>.</summary>
    public int? OriginalContextLength { get; init; }
}
