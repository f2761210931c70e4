namespace MLNetLlm.Trainers;

/// <summary>Which tokens are hidden from a masked language model, and what stands in their place (Devlin et al. 2019, section 3.1).</summary>
public sealed record MaskingOptions
{
    /// <summary>Share of a row's tokens that are to be predicted, at least one token a row; 0.01 to 0.9.</summary>
    public double Share { get; init; } = 0.15;

    /// <summary>Share of these in whose place the network sees the mask token; 0 to 1.</summary>
    public double MaskedShare { get; init; } = 0.8;

    /// <summary>Share of these in whose place it sees a random token; 0 to 1. The rest it sees as they are.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Setting.Between(0.01, 0.9, Share, "Masking.Share");
        Setting.Between(0, 1, MaskedShare, "Masking.MaskedShare");
        Setting.Between(0, 1 - MaskedShare, RandomShare, "Masking.RandomShare");
    }
}
