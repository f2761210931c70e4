using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>One vector per row from the hidden states of its tokens; what stands after a row's length is never looked at.</summary>
public static class HiddenStates
{
    /// <summary>Size of a pooled vector for hidden states of a given width.</summary>
    public static int PooledWidth(int width, Pooling pooling) => pooling == Pooling.LastTokenAndMean ? 2 * width : width;

    /// <summary>Pools each row.</summary>
    /// <param name="hidden">[batch, time, width].</param>
    /// <param name="lengths">[batch] Int64, each 1 to time.</param>
    /// <param name="pooling">What to take.</param>
    /// <returns>[batch, width], or [batch, 2 * width] for <see cref="Pooling.LastTokenAndMean"/>.</returns>
    /// <exception cref="ArgumentException">The pooling is <see cref="Pooling.Pooler"/>, which is a layer of a network, or not known.</exception>
    public static Tensor Pool(Tensor hidden, Tensor lengths, Pooling pooling)
    {
        switch (pooling)
        {
            case Pooling.FirstToken:
                return hidden.select(1, 0);
            case Pooling.LastToken:
                return Last(hidden, lengths);
            case Pooling.Mean:
                return Mean(hidden, lengths);
            case Pooling.LastTokenAndMean:
                using (var last = Last(hidden, lengths))
                using (var mean = Mean(hidden, lengths))
                {
                    return cat([last, mean], 1);
                }

            case Pooling.Pooler:
                throw new ArgumentException("A pooler is a layer of a network: TransformerModel.Pool applies it.", nameof(pooling));
            default:
                throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "This pooling is not known.");
        }
    }

    private static Tensor Last(Tensor hidden, Tensor lengths)
    {
        var shape = hidden.shape;
        using var flat = hidden.reshape(-1, shape[2]);
        using var ends = arange(KeptScalar.Of(shape[1] - 1), KeptScalar.Of((shape[0] + 1) * shape[1] - 1), KeptScalar.Of(shape[1]), ScalarType.Int64, hidden.device);
        using var fromEnd = lengths.sub(KeptScalar.Of(shape[1]));
        using var indices = ends.add(fromEnd);
        return flat.index_select(0, indices);
    }

    private static Tensor Mean(Tensor hidden, Tensor lengths)
    {
        using var column = lengths.unsqueeze(1);
        using var places = arange(KeptScalar.Of(hidden.shape[1]), ScalarType.Int64, hidden.device);
        using var inside = places.lt(column);
        using var mask = inside.to(hidden.dtype);
        using var weights = mask.div(column);
        using var row = weights.unsqueeze(1);
        using var mean = row.matmul(hidden);
        return mean.squeeze(1);
    }
}
