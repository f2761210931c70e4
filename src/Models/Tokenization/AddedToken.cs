namespace MLNetLlm.Models;

/// <summary>A token that stands for a whole string and is never the result of the vocabulary's own rule.</summary>
/// <param name="Content">The text it is written as.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Special tokens are control marks; the others are ordinary text that the vocabulary holds whole.</param>
internal sealed record AddedToken(string Content, int Id, bool Special)
{
    /// <summary>Whether it is found only between characters that are no part of a word.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space before it along.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space after it along.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is looked for after the text was normalized, in its own normalized form.</summary>
    public bool Normalized { get; init; } = !Special;
}
