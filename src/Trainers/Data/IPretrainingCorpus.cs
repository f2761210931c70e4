using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Texts to pretrain on, as token ids.</summary>
internal interface IPretrainingCorpus : IDisposable
{
    /// <summary>Tokens of an epoch; where texts are split at random, without that.</summary>
    long TokenCount { get; }

    /// <summary>The tokens of the texts in the order of the rows, not split at random.</summary>
    ITokenStore InOrder();

    /// <summary>The tokens of an epoch, a function of seed and epoch alone.</summary>
    ITokenStore Epoch(int seed, int epoch);
}

/// <summary>A corpus on disk. Its texts keep their order; windows over them are shuffled.</summary>
internal sealed class CachedCorpus(MappedTokens tokens) : IPretrainingCorpus
{
    public long TokenCount => tokens.Count;

    public ITokenStore InOrder() => tokens;

    public ITokenStore Epoch(int seed, int epoch) => tokens;

    public void Dispose() => tokens.Dispose();
}

/// <summary>A corpus in memory. Its texts are joined in another order each epoch.</summary>
internal sealed class MemoryCorpus : IPretrainingCorpus
{
    private readonly int[][] rows;
    private readonly int? endOfText;

    /// <param name="rows">The ids of each text.</param>
    /// <param name="endOfText">What stands between texts.</param>
    public MemoryCorpus(IEnumerable<int[]> rows, int? endOfText)
    {
        this.rows = rows.ToArray();
        this.endOfText = endOfText;
        TokenCount = TokenStream.Framed(this.rows, endOfText).Sum(part => (long)part.Length);
    }

    public long TokenCount { get; }

    public ITokenStore InOrder() => new MemoryTokens(TokenStream.Join(rows, endOfText));

    public ITokenStore Epoch(int seed, int epoch)
    {
        var order = rows.ToArray();
        Randomness.Of(seed, epoch, RandomPurpose.TextOrder).Shuffle(order);
        return new MemoryTokens(TokenStream.Join(order, endOfText));
    }

    public void Dispose()
    {
    }
}

/// <summary>Texts in memory that are split into tokens at random, and ordered at random, anew each epoch (BPE dropout).</summary>
internal sealed class ResplitCorpus : IPretrainingCorpus
{
    private readonly string[] texts;
    private readonly TextTokenizer tokenizer;
    private readonly double dropout;

    public ResplitCorpus(IEnumerable<string> texts, TextTokenizer tokenizer, double dropout)
    {
        this.texts = texts.ToArray();
        this.tokenizer = tokenizer;
        this.dropout = dropout;
        TokenCount = InOrder().Count;
    }

    public long TokenCount { get; }

    public ITokenStore InOrder() => new MemoryTokens(TokenStream.Join(ParallelEncoder.Encode(texts, tokenizer.Encode), TextBoundary.Of(tokenizer)));

    public ITokenStore Epoch(int seed, int epoch)
    {
        var random = Randomness.Of(seed, epoch, RandomPurpose.Split);
        var order = texts.ToArray();
        random.Shuffle(order);
        var rows = order.Select(text => tokenizer.EncodeWithDropout(text, dropout, random));
        return new MemoryTokens(TokenStream.Join(rows, TextBoundary.Of(tokenizer)));
    }

    public void Dispose()
    {
    }
}
