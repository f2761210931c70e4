using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Turns queries and keys by angles that grow with the position (Su et al. 2021, in the layout of LLaMA's public
/// checkpoints: component i turns with component i + headWidth / 2).</summary>
/// <param name="Cosines">[time, headWidth / 2] or [batch, 1, time, headWidth / 2], Float32.</param>
/// <param name="Sines">The same shape.</param>
internal sealed record RotaryAngles(Tensor Cosines, Tensor Sines) : IDisposable
{
    /// <param name="heads">[batch, heads, time, headWidth].</param>
    /// <returns>The same shape and type.</returns>
    public Tensor Rotate(Tensor heads)
    {
        var half = heads.shape[3] / 2;
        using var wide = heads.to(ScalarType.Float32);
        using var first = wide.narrow(3, 0, half);
        using var second = wide.narrow(3, half, half);
        using var firstTurned = first.mul(Cosines);
        using var left = firstTurned.addcmul(second, Sines, -1);
        using var secondTurned = second.mul(Cosines);
        using var right = secondTurned.addcmul(first, Sines, 1);
        using var joined = cat([left, right], 3);
        return joined.to(heads.dtype);
    }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
