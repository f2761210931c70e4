using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Root-mean-square normalisation over the last dimension (Zhang and Sennrich 2019), in 32 bits.</summary>
internal sealed class RmsNormLayer : nn.Module<Tensor, Tensor>
{
    private readonly double epsilon;

    public RmsNormLayer(int width, double epsilon, Device device)
        : base(nameof(RmsNormLayer))
    {
        this.epsilon = epsilon;
        Weight = new Parameter(ones(width, device: device));
        register_parameter("weight", Weight);
    }

    public Parameter Weight { get; }

    public override Tensor forward(Tensor input)
    {
        if (!is_grad_enabled())
        {
            return ForwardInPlace(input);
        }

        using var squares = input.square();
        using var mean = squares.mean([-1], keepdim: true);
        using var shifted = mean.add(KeptScalar.Of(epsilon));
        using var scale = shifted.rsqrt();
        using var normed = input.mul(scale);
        return normed.mul(Weight);
    }

    // Half the time of the above, about that of libtorch's layer norm: it moves fewer bytes.
    private Tensor ForwardInPlace(Tensor input)
    {
        using var squares = input.square();
        using var scale = squares.mean([-1], keepdim: true);
        scale.add_(KeptScalar.Of(epsilon)).rsqrt_();
        return input.mul(scale).mul_(Weight);
    }
}
