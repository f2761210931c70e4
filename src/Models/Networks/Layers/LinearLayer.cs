using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// y = x W' + b with 32-bit weights [outputs, inputs] and products in the network's <see cref="ComputeType"/>, which is also
/// the type of the result. While nothing trains, the weights are cast once and kept.
/// </summary>
internal sealed class LinearLayer : nn.Module<Tensor, Tensor>
{
    private readonly ComputeType compute;
    private CastWeights? castWeights;
    private LowRankAdapter? adapter;

    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="compute">Type of the products.</param>
    /// <param name="isShared">Whether the weight belongs to another module and is only used here.</param>
    public LinearLayer(Parameter weight, Parameter? bias, ComputeType compute, bool isShared = false)
        : base(nameof(LinearLayer))
    {
        this.compute = compute;
        Weight = weight;
        Bias = bias;
        if (!isShared)
        {
            register_parameter("weight", weight);
        }

        if (bias is not null)
        {
            register_parameter("bias", bias);
        }
    }

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    /// <summary>Type of the products and of the result.</summary>
    public ScalarType ComputeScalarType => compute.ScalarType;

    /// <summary>What is added to the output while the weights themselves stay as they are.</summary>
    public LowRankAdapter? Adapter
    {
        get => adapter;
        set
        {
            adapter = value;
            register_module(TransformerModel.AdapterBranch, value!);
        }
    }

    /// <param name="input">[rows, inputs], Float32 or already of the compute type.</param>
    /// <returns>[rows, outputs] of the compute type.</returns>
    public override Tensor forward(Tensor input)
    {
        if (!compute.IsNarrow)
        {
            return Adapted(is_grad_enabled() || input.shape[0] != 1 ? nn.functional.linear(input, Weight, Bias) : ForwardOneRow(input), input);
        }

        using var narrow = input.to(ScalarType.BFloat16);
        return Adapted(ForwardNarrow(narrow), narrow);
    }

    /// <summary>Every switch between training and evaluation may come with new weights.</summary>
    public override void train(bool train = true)
    {
        base.train(train);
        ForgetCastWeights();
    }

    public void ForgetCastWeights() => Interlocked.Exchange(ref castWeights, null)?.Dispose();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ForgetCastWeights();
        }

        base.Dispose(disposing);
    }

    private Tensor ForwardNarrow(Tensor narrow)
    {
        // Weights that learn change between any two passes.
        if (Weight.requires_grad && (is_grad_enabled() || training))
        {
            using var weight = Weight.to(ScalarType.BFloat16);
            using var bias = Bias?.to(ScalarType.BFloat16);
            return nn.functional.linear(narrow, weight, bias);
        }

        var cast = castWeights ?? Cast();
        if (!is_grad_enabled() && FewRowProduct.CanMultiply(narrow, cast.Weight))
        {
            return FewRowProduct.Multiply(narrow, cast.Weight, cast.Bias);
        }

        return nn.functional.linear(narrow, cast.Weight, cast.Bias);
    }

    private Tensor Adapted(Tensor output, Tensor input)
    {
        if (adapter is null)
        {
            return output;
        }

        using (output)
        {
            return adapter.AddTo(output, input);
        }
    }

    // A matrix-vector product is about twice as fast as the matrix product with a matrix of one row.
    private Tensor ForwardOneRow(Tensor input)
    {
        using var vector = input.view(-1);
        using var output = Bias is null ? Weight.mv(vector) : Bias.addmv(Weight, vector);
        return output.unsqueeze(0);
    }

    private CastWeights Cast()
    {
        using var noGradient = no_grad();
        var created = new CastWeights(
            Weight.to(ScalarType.BFloat16).DetachFromDisposeScope(), Bias?.to(ScalarType.BFloat16).DetachFromDisposeScope());
        if (Interlocked.CompareExchange(ref castWeights, created, null) is not { } existing)
        {
            return created;
        }

        created.Dispose();
        return existing;
    }

    private sealed record CastWeights(Tensor Weight, Tensor? Bias) : IDisposable
    {
        public void Dispose()
        {
            Weight.Dispose();
            Bias?.Dispose();
        }
    }
}
