using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Layer normalisation over the last dimension (Ba et al. 2016), in 32 bits.</summary>
internal sealed class NormLayer : nn.Module<Tensor, Tensor>
{
    private readonly long[] shape;
    private readonly double epsilon;

    public NormLayer(int width, bool hasBias, double epsilon, Device device)
        : base(nameof(NormLayer))
    {
        shape = [width];
        this.epsilon = epsilon;
        Weight = new Parameter(ones(width, device: device));
        Bias = hasBias ? new Parameter(zeros(width, device: device)) : null;
        register_parameter("weight", Weight);
        if (Bias is not null)
        {
            register_parameter("bias", Bias);
        }
    }

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, shape, Weight, Bias, epsilon);
}
