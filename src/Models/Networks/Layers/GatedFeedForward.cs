using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>A linear layer scaled by the activation of a second one, and one back to the width (Shazeer 2020; with SiLU: SwiGLU).</summary>
internal sealed class GatedFeedForward(LinearLayer gate, LinearLayer up, LinearLayer down, ActivationFunction activation) : IFeedForward
{
    public IEnumerable<Parameter> Parameters => [.. gate.parameters(), .. up.parameters(), .. down.parameters()];

    public Tensor Forward(Tensor input)
    {
        using var slopes = gate.forward(input);
        using var scales = activation.Apply(slopes);
        using var values = up.forward(input);
        using var hidden = is_grad_enabled() ? scales.mul(values) : scales.mul_(values).alias();
        return down.forward(hidden);
    }
}
