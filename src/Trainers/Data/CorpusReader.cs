using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Turns the rows of a text column into a corpus, in memory or on disk as the options say.</summary>
internal sealed class CorpusReader(TokenCacheOptions options, TextTokenizer tokenizer, IChannel channel, Action throwIfCanceled)
{
    /// <summary>Reads texts that are tokenised once.</summary>
    /// <param name="role">What they are for.</param>
    /// <param name="rows">The texts; read twice, first to see how many and which they are.</param>
    public ReadCorpus Read(string role, CorpusRows rows)
    {
        var survey = CorpusSurvey.Of(rows);
        if (options.KeepsInMemory(survey.TextBytes))
        {
            var corpus = new MemoryCorpus(ParallelEncoder.Encode(rows, tokenizer.Encode), TextBoundary.Of(tokenizer));
            return new ReadCorpus(corpus, Report(role, rows, survey, corpus.TokenCount));
        }

        var (tokens, path, wasThere) = new TokenCache(options.ResolvedDirectory, channel, throwIfCanceled).Open(rows, survey, tokenizer);
        var report = Report(role, rows, survey, tokens.Count) with { CacheFile = path, CacheWasThere = wasThere };
        return new ReadCorpus(new CachedCorpus(tokens), report);
    }

    /// <summary>Reads texts that are split at random each epoch, for which they have to stay in memory.</summary>
    /// <exception cref="InvalidOperationException">They are too large for that.</exception>
    public ReadCorpus ReadForResplitting(string role, CorpusRows rows, double dropout)
    {
        var survey = CorpusSurvey.Of(rows);
        if (!options.KeepsInMemory(survey.TextBytes))
        {
            throw new InvalidOperationException(
                $"SubwordDropout splits the texts anew each epoch and keeps them in memory for that, but column '{rows.ColumnName}' has " +
                $"{survey.TextBytes} bytes of text and TokenCache.MemoryLimit is {options.MemoryLimit}. Raise the limit, set TokenCache.Storage " +
                "to Memory, or set SubwordDropout to 0: a corpus of this size needs no augmentation.");
        }

        var corpus = new ResplitCorpus(rows, tokenizer, dropout);
        return new ReadCorpus(corpus, Report(role, rows, survey, corpus.TokenCount));
    }

    private static CorpusReport Report(string role, CorpusRows rows, CorpusSurvey survey, long tokens) => new()
    {
        Role = role,
        Column = rows.ColumnName,
        Rows = survey.Rows,
        EmptyRows = survey.EmptyRows,
        TextBytes = survey.TextBytes,
        Fingerprint = Convert.ToHexStringLower(survey.Fingerprint),
        Tokens = tokens,
    };
}

/// <summary>A corpus and what became of its texts; the windows are not counted yet.</summary>
internal sealed record ReadCorpus(IPretrainingCorpus Corpus, CorpusReport Report) : IDisposable
{
    /// <summary>The report with its windows, of which only so many may be used.</summary>
    public CorpusReport Complete(ITokenWindows? windows, long used = long.MaxValue) => Report with
    {
        Windows = windows?.Count ?? 0,
        WindowsUsed = Math.Min(windows?.Count ?? 0, used),
        TextsCut = (windows as TextWindows)?.TextsCut ?? 0,
    };

    public void Dispose() => Corpus.Dispose();
}
