using TorchSharp;
using TorchSharp.Modules;

namespace MLNetLlm.Trainers;

/// <summary>A copy of a network's trainable weights, to return to the best epoch.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly List<(Parameter Parameter, torch.Tensor Copy)> copies;

    public WeightSnapshot(torch.nn.Module network)
    {
        using var noGradient = torch.no_grad();
        copies = network.parameters()
            .Where(parameter => parameter.requires_grad)
            .Select(parameter => (parameter, parameter.detach().clone().DetachFromDisposeScope()))
            .ToList();
    }

    public void Restore()
    {
        using var noGradient = torch.no_grad();
        foreach (var (parameter, copy) in copies)
        {
            parameter.copy_(copy);
        }
    }

    public void Dispose() => copies.ForEach(pair => pair.Copy.Dispose());
}
