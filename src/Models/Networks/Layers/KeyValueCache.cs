using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Keys and values of every token seen so far, in memory reserved once, so that a new token costs one step.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] layers;

    public KeyValueCache(int layerCount, long batch, long headCount, long capacity, long headWidth, ScalarType type, Device device)
    {
        Capacity = capacity;
        layers = new LayerCache[layerCount];
        for (var layer = 0; layer < layerCount; layer++)
        {
            layers[layer] = new LayerCache([batch, headCount, capacity, headWidth], type, device);
        }
    }

    public long Capacity { get; }

    public long Length => layers[0].Length;

    public LayerCache this[int layer] => layers[layer];

    /// <summary>Forgets all tokens and keeps the memory.</summary>
    public void Clear()
    {
        foreach (var layer in layers)
        {
            layer.Clear();
        }
    }

    public void Dispose()
    {
        foreach (var layer in layers)
        {
            layer.Dispose();
        }
    }
}

/// <summary>One layer's share of a <see cref="KeyValueCache"/>.</summary>
internal sealed class LayerCache(long[] shape, ScalarType type, Device device) : IDisposable
{
    private readonly Tensor keys = empty(shape, type, device).DetachFromDisposeScope();
    private readonly Tensor values = empty(shape, type, device).DetachFromDisposeScope();

    public long Length { get; private set; }

    /// <summary>Adds tokens [batch, heads, time, headWidth] and gives all that are held.</summary>
    public HeldTokens Append(Tensor key, Tensor value)
    {
        var added = key.shape[2];
        Write(keys, key, added);
        Write(values, value, added);
        Length += added;
        return new HeldTokens(keys.narrow(2, 0, Length), values.narrow(2, 0, Length));
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }

    private void Write(Tensor target, Tensor source, long added)
    {
        using var place = target.narrow(2, Length, added);
        place.copy_(source);
    }
}

/// <summary>Views of what a <see cref="LayerCache"/> holds.</summary>
internal sealed record HeldTokens(Tensor Keys, Tensor Values) : IDisposable
{
    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
