namespace MLNetLlm.Trainers;

/// <summary>A stretch of a token store that is one row of a batch.</summary>
internal readonly record struct TokenWindow(long Start, int Length);

/// <summary>The windows of an epoch, in the order of the corpus.</summary>
internal interface ITokenWindows
{
    long Count { get; }

    TokenWindow this[long index] { get; }
}

/// <summary>
/// Windows of at most <paramref name="length"/> tokens over all texts as one stream, each <paramref name="stride"/> tokens
/// after the one before; with a stride one below the length every token is predicted exactly once. The first
/// <paramref name="offset"/> tokens form a shorter window of their own, so that the cuts can differ between epochs.
/// </summary>
internal sealed class StreamWindows(long tokens, int length, int stride, long offset) : ITokenWindows
{
    private readonly int leading = offset > 0 && offset < tokens ? 1 : 0;

    public long Count => leading + Math.Max(0, (tokens - 1 - offset + stride - 1) / stride);

    public TokenWindow this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            if (index < leading)
            {
                return new TokenWindow(0, (int)offset + 1);
            }

            var start = offset + (index - leading) * stride;
            return new TokenWindow(start, (int)Math.Min(length, tokens - start));
        }
    }
}

/// <summary>
/// Windows that begin where a text begins, with the end-of-text token before it, and hold whole texts; a text longer than a
/// window is cut as a stream is. Takes 12 bytes of memory a window.
/// </summary>
internal sealed class TextWindows : ITokenWindows
{
    private const int ReadAtOnce = 1 << 16;

    private readonly List<long> starts = [];
    private readonly List<int> lengths = [];

    /// <param name="tokens">Texts with an end-of-text token before the first and after each.</param>
    /// <param name="endOfText">The id of that token.</param>
    /// <param name="length">Most tokens of a window.</param>
    /// <param name="stride">Distance of the pieces of a text that is cut.</param>
    /// <param name="severalTexts">Whether neighbouring texts share a window as far as they fit.</param>
    public TextWindows(ITokenStore tokens, int endOfText, int length, int stride, bool severalTexts)
    {
        var (start, end) = (0L, 0L);
        foreach (var next in PositionsOf(endOfText, tokens).Skip(1))
        {
            var fits = next - start < length;
            if (end > start && (!severalTexts || !fits))
            {
                Add(start, end);
                start = end;
            }

            end = next;
            if (next - start >= length)
            {
                Cut(start, next, length, stride);
                start = next;
            }
        }

        if (end > start)
        {
            Add(start, end);
        }
    }

    public long Count => starts.Count;

    /// <summary>Texts that did not fit into one window.</summary>
    public long TextsCut { get; private set; }

    public TokenWindow this[long index] => new(starts[checked((int)index)], lengths[checked((int)index)]);

    private void Add(long start, long last)
    {
        starts.Add(start);
        lengths.Add((int)(last - start + 1));
    }

    private void Cut(long first, long last, int length, int stride)
    {
        TextsCut++;
        for (var start = first; start < last; start += stride)
        {
            Add(start, Math.Min(start + length - 1, last));
        }
    }

    private static IEnumerable<long> PositionsOf(int id, ITokenStore tokens)
    {
        var buffer = new int[ReadAtOnce];
        for (long start = 0; start < tokens.Count; start += ReadAtOnce)
        {
            var count = (int)Math.Min(ReadAtOnce, tokens.Count - start);
            tokens.Read(start, buffer.AsSpan(0, count));
            for (var position = 0; position < count; position++)
            {
                if (buffer[position] == id)
                {
                    yield return start + position;
                }
            }
        }
    }
}
