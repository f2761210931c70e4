using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>
/// Counts the texts that were cut to the maximum length during one pass over the data, and says so in one warning, which
/// reaches <c>MLContext.Log</c>. Where rows come one by one without an end, as from a prediction engine, only the first is reported.
/// </summary>
internal sealed class TruncationReport(IChannelProvider? environment, string column, int? maximumTokens, bool endless = false)
{
    /// <summary>For where nothing is cut.</summary>
    public static readonly TruncationReport None = new(null, "", null);

    private long rows;
    private long rowsCut;
    private long tokensDropped;
    private bool reported;

    /// <summary>Counts a text of that many tokens; returns how many of them to use.</summary>
    public int Admit(int tokens)
    {
        if (maximumTokens is not { } maximum)
            return tokens;
        Count(Math.Max(0, tokens - maximum));
        return Math.Min(tokens, maximum);
    }

    /// <summary>Counts a text of which so many tokens are left out.</summary>
    public void Count(int dropped)
    {
        rows++;
        if (dropped == 0)
            return;
        rowsCut++;
        tokensDropped += dropped;
        if (endless)
            Report();
    }

    /// <summary>Gives the warning, if there is something to warn of and it was not given before.</summary>
    public void Report()
    {
        if (rowsCut == 0 || reported || environment is null)
            return;
        reported = true;
        using IChannel channel = environment.Start("Truncation");
        channel.Warning(MessageSensitivity.Schema, endless
            ? $"Column '{column}': a text was longer than {maximumTokens} tokens and was cut; {tokensDropped} tokens were dropped. Further texts that are cut are not reported."
            : $"Column '{column}': {rowsCut} of {rows} texts were longer than {maximumTokens} tokens and were cut; {tokensDropped} tokens were dropped.");
    }
}
