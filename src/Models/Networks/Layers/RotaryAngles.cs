using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Turns queries and keys by angles that grow with the position (Su et al. 2021, in the layout of LLaMA's public
/// checkpoints: component i turns with component i + headWidth / 2).</summary>
/// <param name="Cosines">[time, headWidth] or [batch, 1, time, headWidth], Float32; both halves are the same.</param>
/// <param name="Sines">The same shape; the first half is negative.</param>
internal sealed record RotaryAngles(Tensor Cosines, Tensor Sines) : IDisposable
{
    /// <param name="heads">[batch, heads, time, headWidth].</param>
    /// <returns>The same shape and type.</returns>
    public Tensor Rotate(Tensor heads)
    {
        using var wide = heads.to(ScalarType.Float32);
        using var partners = wide.roll(wide.shape[3] / 2, 3);
        using var straight = wide.mul(Cosines);
        using var turned = is_grad_enabled() ? straight.addcmul(partners, Sines, KeptScalar.Of(1)) : straight.addcmul_(partners, Sines, KeptScalar.Of(1)).alias();
        return turned.to(heads.dtype);
    }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
