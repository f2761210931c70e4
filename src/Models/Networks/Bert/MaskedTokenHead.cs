using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Scores the vocabulary at masked positions: one more layer and norm, then the token embedding and a bias.</summary>
internal sealed class MaskedTokenHead(LinearLayer transform, ActivationFunction activation, NormLayer norm, LinearLayer decoder)
{
    /// <param name="hidden">[rows, width] Float32.</param>
    /// <returns>[rows, vocabulary] of the compute type.</returns>
    public Tensor Forward(Tensor hidden)
    {
        using var transformed = transform.forward(hidden);
        using var activated = activation.Apply(transformed);
        using var wide = activated.to(ScalarType.Float32);
        using var normed = norm.forward(wide);
        return decoder.forward(normed);
    }
}
