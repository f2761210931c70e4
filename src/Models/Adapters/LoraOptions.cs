namespace MLNetLlm.Models;

/// <summary>
/// Low-rank adapters (LoRA, Hu et al. 2021): the network's weights stay as they are, and each chosen matrix W learns two
/// narrow ones, so that it acts as W + Alpha / Rank * B A. Few weights learn, so gradients and optimizer need little memory.
/// </summary>
public sealed record LoraOptions
{
    /// <summary>The target that stands for every linear layer but the heads.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>Rows of A and columns of B, at least 1; at most the smaller side of the matrices that are adapted.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Weight of the adapters, divided by <see cref="Rank"/>; above 0.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Dropout of the adapters' inputs while training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>
    /// Names of the layers to adapt, as public checkpoints spell them: the last part, for example <c>c_attn</c> or
    /// <c>q_proj</c>, or a whole path such as <c>h.3.attn.c_attn</c>; or <see cref="AllLinear"/>. <see langword="null"/> is the
    /// family's usual choice in attention.
    /// </summary>
    public IReadOnlyList<string>? TargetModules { get; init; }

    /// <summary>Checks every setting; whether the targets exist only a network can tell.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(Rank >= 1, nameof(Rank), "at least 1", Rank);
        Check(Alpha > 0 && double.IsFinite(Alpha), nameof(Alpha), "a finite number above 0", Alpha);
        Check(Dropout is >= 0 and < 1, nameof(Dropout), "0 to below 1", Dropout);
        Check(TargetModules is not { Count: 0 }, nameof(TargetModules), "null or at least one name", "empty");
    }

    private static void Check(bool holds, string name, string expected, object found)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"LoraOptions.{name} must be {expected}, but is {found}."), name);
        }
    }
}
