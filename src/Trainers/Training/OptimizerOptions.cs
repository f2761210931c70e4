namespace MLNetLlm.Trainers;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101): weight decay is decoupled from the gradient and
/// concerns matrices and embeddings only.
/// </summary>
public sealed record OptimizerOptions
{
    /// <summary>Decoupled weight decay of matrices and embeddings; biases and norms never decay. 0 to 10.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Decay rate of the first moment; 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay rate of the second moment; 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>What is added to the root of the second moment; greater than 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Gradients are scaled down so that their joint L2 norm is at most this; greater than 0.</summary>
    public double ClipNorm { get; init; } = 1.0;

    internal void Validate()
    {
        const string group = nameof(TrainingOptions.Optimizer);
        Setting.Between(0, 10, WeightDecay, $"{group}.{nameof(WeightDecay)}");
        Setting.Between(0, 0.99999, Beta1, $"{group}.{nameof(Beta1)}");
        Setting.Between(0, 0.99999, Beta2, $"{group}.{nameof(Beta2)}");
        Setting.Positive(Epsilon, $"{group}.{nameof(Epsilon)}");
        Setting.Positive(ClipNorm, $"{group}.{nameof(ClipNorm)}");
    }
}
