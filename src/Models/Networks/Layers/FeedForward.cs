using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Two linear layers with an activation between them (Vaswani et al. 2017).</summary>
internal sealed class FeedForward(LinearLayer first, LinearLayer second, ActivationFunction activation) : IFeedForward
{
    public IEnumerable<Parameter> Parameters => [.. first.parameters(), .. second.parameters()];

    public Tensor Forward(Tensor input)
    {
        using var hidden = first.forward(input);
        using var activated = activation.Apply(hidden);
        return second.forward(activated);
    }
}
