using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>What a <see cref="LinearLayer"/> adds to its output: Scale * B (A x), with B zero at first, so that nothing changes until it learns.</summary>
internal sealed class LowRankAdapter : nn.Module
{
    private readonly double dropoutProbability;
    private readonly DropoutSource dropout;

    public LowRankAdapter(Parameter down, Parameter up, double scale, DropoutSource dropout, double dropoutProbability)
        : base(nameof(LowRankAdapter))
    {
        Down = down;
        Up = up;
        Scale = scale;
        this.dropout = dropout;
        this.dropoutProbability = dropoutProbability;
        register_parameter("down", down);
        register_parameter("up", up);
    }

    /// <summary>A, [rank, inputs].</summary>
    public Parameter Down { get; }

    /// <summary>B, [outputs, rank].</summary>
    public Parameter Up { get; }

    public double Scale { get; }

    /// <param name="input">[rows, inputs] of the compute type.</param>
    /// <param name="output">[rows, outputs], what the layer gives without the adapter.</param>
    /// <returns>The sum, of the same type.</returns>
    public Tensor AddTo(Tensor output, Tensor input)
    {
        using var kept = dropout.Drop(input, dropoutProbability);
        using var down = Down.to(input.dtype);
        using var up = Up.to(input.dtype);
        using var narrow = nn.functional.linear(kept, down);
        using var wide = nn.functional.linear(narrow, up);
        return output.add(wide, KeptScalar.Of(Scale));
    }

    /// <summary>What the adapter comes to as a change of the layer's weight, [outputs, inputs].</summary>
    public Tensor Change()
    {
        using var product = Up.matmul(Down);
        return product.mul(KeptScalar.Of(Scale));
    }
}
