using MLNetLlm.Models;
using TorchSharp;
using TorchSharp.Modules;

namespace MLNetLlm.Trainers;

/// <summary>A copy of a network's trainable weights: the best so far, or an average of them.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly List<(string Name, Parameter Parameter, torch.Tensor Copy)> copies;

    public WeightSnapshot(torch.nn.Module network)
    {
        using var noGradient = torch.no_grad();
        copies = TrainableParameters.Of(network)
            .Select(pair => (pair.Name, pair.Parameter, pair.Parameter.detach().clone().DetachFromDisposeScope()))
            .ToList();
    }

    /// <summary>The copies by the parameters' names; they stay this object's.</summary>
    public IEnumerable<KeyValuePair<string, torch.Tensor>> Tensors => copies.Select(copy => KeyValuePair.Create(copy.Name, copy.Copy));

    /// <summary>Copies the network's weights again.</summary>
    public void Take()
    {
        using var noGradient = torch.no_grad();
        copies.ForEach(entry => entry.Copy.copy_(entry.Parameter));
    }

    /// <summary>Gives the network the copies.</summary>
    public void Restore()
    {
        using var noGradient = torch.no_grad();
        copies.ForEach(entry => entry.Parameter.copy_(entry.Copy));
    }

    /// <summary>Puts the copies into the network and the network's weights here.</summary>
    public void Exchange()
    {
        using var noGradient = torch.no_grad();
        foreach (var (_, parameter, copy) in copies)
        {
            using var held = copy.clone();
            copy.copy_(parameter);
            parameter.copy_(held);
        }
    }

    /// <summary>Moves the copies towards the network's weights by a share of the way.</summary>
    public void MoveTowardsNetwork(double share)
    {
        using var noGradient = torch.no_grad();
        foreach (var (_, parameter, copy) in copies)
        {
            // The operators return the object they are called on, which stays.
            copy.mul_(KeptScalar.Of(1 - share)).add_(parameter, alpha: KeptScalar.Of(share));
        }
    }

    public void Dispose() => copies.ForEach(entry => entry.Copy.Dispose());
}
