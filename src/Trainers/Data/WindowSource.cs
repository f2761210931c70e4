namespace MLNetLlm.Trainers;

/// <summary>The batches of each epoch of a corpus.</summary>
internal sealed class WindowSource
{
    private readonly IPretrainingCorpus corpus;
    private readonly WindowSettings settings;
    private ITokenStore? tokens;
    private ITokenWindows? windows;

    public WindowSource(IPretrainingCorpus corpus, WindowSettings settings)
    {
        this.corpus = corpus;
        this.settings = settings;
        Windows = settings.Packing == TextPacking.Stream
            ? new StreamWindows(corpus.TokenCount, settings.Length, settings.Stride, offset: 0)
            : TextWindowsOf(corpus.InOrder());
        BatchesPerEpoch = settings.BatchesFor(Windows.Count);
    }

    /// <summary>
    /// Batches of every epoch. Cuts at other places, other splits and another order of texts change the number of windows a
    /// little from epoch to epoch; then a batch holds a little more or less.
    /// </summary>
    public long BatchesPerEpoch { get; }

    /// <summary>The windows by which batches are counted.</summary>
    public ITokenWindows Windows { get; }

    /// <summary>The batches of an epoch, the same ones whenever they are asked for.</summary>
    public WindowBatches Epoch(int seed, int epoch)
    {
        var current = corpus.Epoch(seed, epoch);
        return new WindowBatches(
            current, settings.Packing == TextPacking.Stream ? StreamWindowsOf(current, seed, epoch) : TextWindowsOf(current),
            settings, BatchesPerEpoch, seed, epoch);
    }

    private ITokenWindows StreamWindowsOf(ITokenStore current, int seed, int epoch)
    {
        var offset = current.Count > settings.Length ? Randomness.Of(seed, epoch, RandomPurpose.WindowOffset).Next(settings.Stride) : 0;
        return settings.Windows(current, offset);
    }

    // To find where texts begin, all tokens are looked at; those of a corpus on disk stay the same.
    private ITokenWindows TextWindowsOf(ITokenStore current)
    {
        if (!ReferenceEquals(current, tokens))
        {
            (tokens, windows) = (current, settings.Windows(current, offset: 0));
        }

        return windows!;
    }
}
