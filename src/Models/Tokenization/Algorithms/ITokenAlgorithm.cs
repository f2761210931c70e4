namespace MLNetLlm.Models;

/// <summary>Turns one piece of text into ids. Safe to use from any number of threads.</summary>
internal interface ITokenAlgorithm
{
    void Append(ReadOnlySpan<char> piece, List<int> ids);
}

/// <summary>An algorithm of merges, of which some can be skipped at random.</summary>
internal interface IMergingAlgorithm : ITokenAlgorithm
{
    /// <param name="dropout">The probability of skipping a merge that is due.</param>
    void Append(ReadOnlySpan<char> piece, List<int> ids, double dropout, Random random);
}

/// <summary>What an algorithm has to know beside its own vocabulary.</summary>
/// <param name="ByteLevel">Whether pieces are spelled byte by byte before tokens are looked for.</param>
/// <param name="Reserved">Ids of special tokens, which no text may give.</param>
/// <param name="Source">The file's name, for errors.</param>
internal sealed record AlgorithmContext(bool ByteLevel, IReadOnlySet<int> Reserved, string Source);
