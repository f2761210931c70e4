namespace MLNetLlm.Models;

/// <summary>One change that is made to a text before it is cut into pieces.</summary>
internal interface ITextNormalizer
{
    /// <param name="text">Valid Unicode, without lone surrogates.</param>
    string Normalize(string text);
}

/// <summary>Several changes, one after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<ITextNormalizer> steps) : ITextNormalizer
{
    public bool IsEmpty => steps.Count == 0;

    public string Normalize(string text)
    {
        foreach (ITextNormalizer step in steps)
        {
            text = step.Normalize(text);
        }

        return text;
    }
}
