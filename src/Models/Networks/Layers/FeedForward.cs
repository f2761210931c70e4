using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Two linear layers with a GELU (Hendrycks and Gimpel 2016) between them.</summary>
internal sealed class FeedForward : nn.Module
{
    // The tanh form, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), is x sigmoid(x (Linear + Cubic x^2)): four operations.
    private const double Linear = 1.5957691216057308;
    private const double Cubic = Linear * 0.044715;

    private readonly LinearLayer first;
    private readonly LinearLayer second;
    private readonly GptActivation activation;
    private Tensor? linearTerm;

    public FeedForward(LinearLayer first, LinearLayer second, GptActivation activation)
        : base(nameof(FeedForward))
    {
        this.first = first;
        this.second = second;
        this.activation = activation;
        register_module("c_fc", first);
        register_module("c_proj", second);
    }

    /// <param name="input">[rows, width].</param>
    /// <returns>[rows, width] of the compute type.</returns>
    public Tensor Forward(Tensor input)
    {
        using var hidden = first.forward(input);
        using var activated = activation == GptActivation.Gelu ? nn.functional.gelu(hidden) : GeluTanh(hidden);
        return second.forward(activated);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            linearTerm?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Tensor GeluTanh(Tensor x)
    {
        var slope = LinearTerm(x).addcmul(x, x, Cubic);
        if (!is_grad_enabled())
        {
            return slope.mul_(x).sigmoid_().mul_(x);
        }

        using (slope)
        {
            using var inner = slope.mul(x);
            using var gate = inner.sigmoid();
            return gate.mul(x);
        }
    }

    private Tensor LinearTerm(Tensor x)
    {
        var held = Volatile.Read(ref linearTerm);
        if (held is not null && held.dtype == x.dtype)
        {
            return held;
        }

        // An older one is left to the collector: another thread may be using it.
        var created = full([1], Linear, x.dtype, x.device).DetachFromDisposeScope();
        Volatile.Write(ref linearTerm, created);
        return created;
    }
}
