using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Makes a network's layers and registers each under the path that its weights have in public checkpoints, for example
/// <c>h.0.attn.c_attn</c>. How layers work together is thereby free of how files name them.
/// </summary>
internal sealed class LayerFactory(nn.Module root, WeightInitializer initializer, ComputeType compute, Device device)
{
    private readonly Dictionary<string, nn.Module> branches = new() { [""] = root };

    public LinearLayer Linear(string path, int inputs, int outputs, bool hasBias, double deviation) => Register(path, new LinearLayer(
        initializer.Normal([outputs, inputs], deviation), hasBias ? initializer.Zeros(outputs) : null, compute));

    /// <summary>A linear layer with the weights of an embedding, transposed in use.</summary>
    public LinearLayer TiedLinear(string path, EmbeddingLayer embedding, bool hasBias = false) => Register(path, new LinearLayer(
        embedding.Weight, hasBias ? initializer.Zeros((int)embedding.Weight.shape[0]) : null, compute, isShared: true));

    public EmbeddingLayer Embedding(string path, int count, int width, double deviation) =>
        Register(path, new EmbeddingLayer(initializer.Normal([count, width], deviation)));

    public NormLayer LayerNorm(string path, int width, bool hasBias, double epsilon) =>
        Register(path, new NormLayer(width, hasBias, epsilon, device));

    public RmsNormLayer RmsNorm(string path, int width, double epsilon) => Register(path, new RmsNormLayer(width, epsilon, device));

    public T Register<T>(string path, T layer)
        where T : nn.Module
    {
        var dot = path.LastIndexOf('.');
        Branch(path[..Math.Max(dot, 0)]).register_module(path[(dot + 1)..], layer);
        branches[path] = layer;
        return layer;
    }

    private nn.Module Branch(string path)
    {
        if (!branches.TryGetValue(path, out var branch))
        {
            branch = Register(path, new LayerBranch());
        }

        return branch;
    }

    /// <summary>A name on the way to a layer.</summary>
    private sealed class LayerBranch() : nn.Module(nameof(LayerBranch));
}
