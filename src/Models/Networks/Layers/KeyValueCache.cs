using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Keys and values of the tokens of several sequences, in memory reserved once, so that a new token costs one step. A
/// sequence has a slot; sequences in neighbouring slots run together, whatever their lengths.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] keys;
    private readonly Tensor[] values;
    private readonly long[] lengths;
    private readonly (nint Keys, nint Values)[] addresses = [];

    public KeyValueCache(int layerCount, int slotCount, AttentionHeads heads, long capacity, ScalarType type, Device device)
    {
        Capacity = capacity;
        lengths = new long[slotCount];
        long[] shape = [slotCount, heads.KeyValueHeadCount, capacity, heads.HeadWidth];
        IsDirect = FewTokenAttention.IsSupported(device);
        keys = Create();
        values = Create();
        if (IsDirect)
        {
            addresses = keys.Zip(values, (key, value) => (AddressOf(key), AddressOf(value))).ToArray();
        }

        // A mask hides what stands behind a short slot's tokens, but nothing times what happens to be in memory may be no number.
        Tensor[] Create() => Enumerable.Range(0, layerCount).Select(_ => IsDirect ? empty(shape, type, device) : zeros(shape, type, device))
            .Select(tensor => tensor.DetachFromDisposeScope()).ToArray();
    }

    /// <summary>Whether <see cref="FewTokenAttention"/> reads and writes the memory itself.</summary>
    public bool IsDirect { get; }

    public int SlotCount => lengths.Length;

    /// <summary>Most tokens of a slot.</summary>
    public long Capacity { get; }

    /// <summary>Tokens of a slot.</summary>
    public long Length(int slot) => lengths[slot];

    /// <summary>Forgets a slot's tokens after the first ones and keeps the memory.</summary>
    public void Truncate(int slot, long length = 0) => lengths[slot] = Math.Min(lengths[slot], length);

    /// <summary>Counts tokens that a forward pass has added to a slot.</summary>
    public void Advance(int slot, long tokens) => lengths[slot] += tokens;

    /// <summary>Copies what a slot holds to another.</summary>
    public void CopySlot(int from, int to)
    {
        lengths[to] = lengths[from];
        foreach (var tensor in keys.Concat(values))
        {
            using var source = Part(tensor, from, 1, 0, lengths[from]);
            using var target = Part(tensor, to, 1, 0, lengths[from]);
            target.copy_(source);
        }
    }

    /// <summary>
    /// Writes tokens behind those that slots hold, without counting them, and gives views of what the slots hold then.
    /// </summary>
    /// <param name="layer">Whose.</param>
    /// <param name="firstSlot">Slot of the first row.</param>
    /// <param name="starts">Where each row's tokens go.</param>
    /// <param name="key">[rows, heads, time, headWidth].</param>
    /// <param name="value">The same shape.</param>
    public HeldTokens Append(int layer, int firstSlot, IReadOnlyList<long> starts, Tensor key, Tensor value)
    {
        var time = key.shape[2];
        Write(keys[layer], firstSlot, starts, key, time);
        Write(values[layer], firstSlot, starts, value, time);
        var held = starts.Max() + time;
        return new HeldTokens(Part(keys[layer], firstSlot, starts.Count, 0, held), Part(values[layer], firstSlot, starts.Count, 0, held));
    }

    /// <summary>Where a layer's keys and values are, each [slot, head, token, headWidth], as long as the cache lives.</summary>
    public (nint Keys, nint Values) Addresses(int layer) => addresses[layer];

    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values))
        {
            tensor.Dispose();
        }
    }

    private static void Write(Tensor target, int firstSlot, IReadOnlyList<long> starts, Tensor source, long time)
    {
        if (starts.All(start => start == starts[0]))
        {
            using var place = Part(target, firstSlot, starts.Count, starts[0], time);
            place.copy_(source);
            return;
        }

        for (var row = 0; row < starts.Count; row++)
        {
            using var place = Part(target, firstSlot + row, 1, starts[row], time);
            using var tokens = source.narrow(0, row, 1);
            place.copy_(tokens);
        }
    }

    private static unsafe nint AddressOf(Tensor tensor)
    {
        // One element, because a span has no room for all of a large tensor.
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        fixed (byte* address = first.bytes)
        {
            return (nint)address;
        }
    }

    private static Tensor Part(Tensor tensor, long firstSlot, long slots, long start, long time)
    {
        using var rows = tensor.narrow(0, firstSlot, slots);
        return rows.narrow(2, start, time);
    }
}

/// <summary>Views of what some slots of a <see cref="KeyValueCache"/> hold.</summary>
internal sealed record HeldTokens(Tensor Keys, Tensor Values) : IDisposable
{
    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}

/// <summary>Neighbouring slots that the rows of one forward pass continue.</summary>
/// <param name="Cache">Where the slots are.</param>
/// <param name="FirstSlot">Slot of the first row.</param>
/// <param name="RowCount">Number of rows.</param>
internal sealed record CacheSlots(KeyValueCache Cache, int FirstSlot, int RowCount)
{
    /// <summary>Tokens that each row has already.</summary>
    public long[] Starts { get; } = Enumerable.Range(FirstSlot, RowCount).Select(Cache.Length).ToArray();

    public HeldTokens Append(int layer, Tensor key, Tensor value) => Cache.Append(layer, FirstSlot, Starts, key, value);

    /// <summary>Counts the tokens of a forward pass; padding behind a row's tokens is not counted and is overwritten later.</summary>
    public void Advance(Func<int, long> tokensOfRow)
    {
        for (var row = 0; row < RowCount; row++)
        {
            Cache.Advance(FirstSlot + row, tokensOfRow(row));
        }
    }
}
