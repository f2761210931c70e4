namespace MLNetLlm.Models;

/// <summary>How text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to add, at least 0.</summary>
    public int MaximumNewTokens { get; init; } = 50;

    /// <summary>0 always takes the likeliest token; 1 draws from the model's probabilities; higher is more random.</summary>
    public double Temperature { get; init; }

    /// <summary>Draws only from this many of the likeliest tokens (Fan et al. 2018); 0 does not limit them.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Draws only from the fewest likeliest tokens that have this probability together (Holtzman et al. 2020); 1 does not
    /// limit them.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>The same seed draws the same tokens; <see langword="null"/> draws different ones each time.</summary>
    public int? Seed { get; init; }

    /// <summary>Whether a continuation ends where the model writes its end-of-text token.</summary>
    public bool StopAtEndOfText { get; init; } = true;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(MaximumNewTokens >= 0, nameof(MaximumNewTokens), "at least 0", MaximumNewTokens);
        Check(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), "a finite number, at least 0", Temperature);
        Check(TopK >= 0, nameof(TopK), "at least 0", TopK);
        Check(TopP is > 0 and <= 1, nameof(TopP), "above 0 and at most 1", TopP);
    }

    private static void Check(bool holds, string name, string expected, object found)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"GenerationOptions.{name} must be {expected}, but is {found}."), name);
        }
    }
}
