using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Applies an <see cref="Activation"/>; without a graph, in the memory of its argument where that is faster.</summary>
internal sealed class ActivationFunction(Activation activation) : IDisposable
{
    private Tensor? linearTerm;

    public Tensor Apply(Tensor x) => activation switch
    {
        Activation.Gelu => nn.functional.gelu(x),
        Activation.GeluTanh => GeluTanh(x),
        Activation.Relu => nn.functional.relu(x),
        Activation.Silu => nn.functional.silu(x),
        _ => throw new InvalidOperationException($"The activation {activation} is not known."),
    };

    public void Dispose() => linearTerm?.Dispose();

    private Tensor GeluTanh(Tensor x)
    {
        if (GeluKernel.IsFor(x))
        {
            return GeluKernel.Apply(x);
        }

        var slope = LinearTerm(x).addcmul(x, x, KeptScalar.Of(GeluKernel.Cubic));
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
        var created = full([1], KeptScalar.Of(GeluKernel.Linear), x.dtype, x.device).DetachFromDisposeScope();
        Volatile.Write(ref linearTerm, created);
        return created;
    }
}
