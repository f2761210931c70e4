using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Which way a network's positions look.</summary>
/// <param name="IsCausal">Whether a position sees only itself and what comes before it.</param>
/// <param name="Window">Most positions that it sees, itself counted (Beltagy et al. 2020); <see langword="null"/> does not limit them.</param>
/// <param name="UnlimitedLayers">The first layers, which the window does not limit.</param>
internal sealed record AttentionDirection(bool IsCausal, int? Window = null, int UnlimitedLayers = 0);

/// <summary>What all layers of one forward pass share: how rows lie, and which positions see which.</summary>
internal sealed class AttentionPlan : IDisposable
{
    private AttentionPlan(long batch, long time, CacheSlots? cache)
    {
        Batch = batch;
        Time = time;
        Cache = cache;
    }

    public long Batch { get; }

    public long Time { get; }

    public CacheSlots? Cache { get; }

    /// <summary>Position of every row's first token, where it is the same.</summary>
    public long Start { get; private init; }

    /// <summary>[batch, time] Int64 where rows start at different positions; otherwise null, and <see cref="Start"/> counts.</summary>
    public Tensor? Positions { get; private init; }

    /// <summary>Added to the scores, [.., time, held] of the compute type; null where nothing is hidden or <see cref="IsCausal"/> says it all.</summary>
    public Tensor? Mask { get; private init; }

    /// <summary>Whether the attention itself hides what comes later: there is no mask then.</summary>
    public bool IsCausal { get; private init; }

    /// <summary>Whether <see cref="FewTokenAttention"/> computes it.</summary>
    public bool IsDirect { get; private init; }

    /// <summary>Most positions that one sees, where that is limited and no mask says so.</summary>
    public int? Window { get; private init; }

    /// <summary>Angles of the rows' positions, in networks that have them; they belong to who made the plan.</summary>
    public RotaryAngles? Rotary { get; set; }

    /// <param name="batch">Rows.</param>
    /// <param name="time">Tokens of each row, padding counted.</param>
    /// <param name="lengths">[batch] Int64: tokens of each row; what follows them is hidden where a network looks both ways.</param>
    /// <param name="cache">What the rows continue.</param>
    /// <param name="direction">Which way positions look.</param>
    /// <param name="type">Compute type.</param>
    /// <param name="device">Of the network.</param>
    public static AttentionPlan Create(
        long batch, long time, Tensor? lengths, CacheSlots? cache, AttentionDirection direction, ScalarType type, Device device)
    {
        var starts = cache?.Starts ?? [];
        var start = starts.Length == 0 ? 0 : starts[0];
        var isUniform = starts.All(other => other == start);
        using var scope = NewDisposeScope();
        var positions = isUniform ? null : tensor(starts, device: device).unsqueeze(1).add(arange(KeptScalar.Of(time), ScalarType.Int64, device));
        var held = starts.Append(0).Max() + time;
        var isWindowed = direction.Window < held;
        if (!direction.IsCausal)
        {
            return new AttentionPlan(batch, time, cache) { Mask = lengths is null ? null : PaddingMask(lengths, time, type) };
        }

        // Each token's own past is looked at then, and no more.
        if (time <= FewTokenAttention.MostTokens && cache is { Cache.IsDirect: true })
        {
            return new AttentionPlan(batch, time, cache)
            {
                IsDirect = true,
                Start = start,
                Positions = positions?.MoveToOuterDisposeScope(),
                Window = direction.Window,
            };
        }

        // The first tokens need the plain triangle, and a single next token sees all.
        if (isUniform && !isWindowed && (start == 0 || time == 1))
        {
            return new AttentionPlan(batch, time, cache) { Start = start, IsCausal = time > 1 };
        }

        var queries = (positions ?? arange(KeptScalar.Of(start), KeptScalar.Of(start + time), ScalarType.Int64, device).unsqueeze(0)).unsqueeze(1).unsqueeze(3);
        var keys = arange(KeptScalar.Of(held), ScalarType.Int64, device);
        var hidden = keys.gt(queries);
        if (isWindowed)
        {
            hidden = hidden.logical_or(keys.le(queries.sub(KeptScalar.Of(direction.Window!.Value))));
        }

        return new AttentionPlan(batch, time, cache)
        {
            Start = start,
            Positions = positions?.MoveToOuterDisposeScope(),
            Mask = Hide(hidden, type).MoveToOuterDisposeScope(),
        };
    }

    /// <summary>Rows of several documents each: a position sees its own document only, and positions begin anew with each.</summary>
    /// <param name="documents">[batch, time] Int64: which document each token belongs to.</param>
    /// <param name="direction">Which way positions look.</param>
    /// <param name="type">Compute type.</param>
    public static AttentionPlan ForDocuments(Tensor documents, AttentionDirection direction, ScalarType type)
    {
        var (batch, time) = (documents.shape[0], documents.shape[1]);
        using var scope = NewDisposeScope();
        var same = documents.unsqueeze(2).eq(documents.unsqueeze(1));
        var hidden = same.logical_not();
        var distance = arange(KeptScalar.Of(time), ScalarType.Int64, documents.device).unsqueeze(1).sub(arange(KeptScalar.Of(time), ScalarType.Int64, documents.device));
        if (direction.IsCausal)
        {
            hidden = hidden.logical_or(distance.lt(KeptScalar.Of(0)));
        }

        if (direction.Window is { } window)
        {
            hidden = hidden.logical_or(distance.ge(KeptScalar.Of(window)));
        }

        return new AttentionPlan(batch, time, cache: null)
        {
            Positions = same.tril(-1).sum(-1L).MoveToOuterDisposeScope(),
            Mask = Hide(hidden.unsqueeze(1), type).MoveToOuterDisposeScope(),
        };
    }

    public void Dispose()
    {
        Positions?.Dispose();
        Mask?.Dispose();
    }

    private static Tensor PaddingMask(Tensor lengths, long time, ScalarType type)
    {
        var padding = arange(KeptScalar.Of(time), ScalarType.Int64, lengths.device).ge(lengths.view(-1, 1, 1, 1));
        return Hide(padding, type).MoveToOuterDisposeScope();
    }

    private static Tensor Hide(Tensor hidden, ScalarType type) =>
        zeros(hidden.shape, type, hidden.device).masked_fill_(hidden, KeptScalar.Of(double.NegativeInfinity));
}
