namespace MLNetLlm.Models;

/// <summary>Which tokens of a text that is too long are kept.</summary>
internal static class ContextWindow
{
    /// <summary>The first tokens and the newest, this many together.</summary>
    public static int[] Keep(IReadOnlyList<int> tokens, int first, int count)
    {
        first = Math.Min(first, count);
        return [.. tokens.Take(first), .. tokens.Skip(tokens.Count - (count - first))];
    }

    /// <summary>How many tokens go on when a context of this size is full: the first ones and half of the others.</summary>
    public static int AfterOverflow(long capacity, int first) => first + Math.Max(1, (int)(capacity - first) / 2);

    /// <summary>How many tokens of a prompt are read, so that new ones have room.</summary>
    public static int OfLongPrompt(long capacity, int newTokens) => (int)(capacity - Math.Min(Math.Max(0, newTokens - 1), capacity / 2));
}
