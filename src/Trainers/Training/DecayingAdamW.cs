using TorchSharp;
using TorchSharp.Modules;

namespace MLNetLlm.Trainers;

/// <summary>AdamW over a network's trainable parameters, with weight decay on matrices and embeddings only.</summary>
internal sealed class DecayingAdamW : IDisposable
{
    private readonly AdamW optimizer;
    private readonly Parameter[] parameters;

    public DecayingAdamW(torch.nn.Module network, TrainingOptions options)
    {
        parameters = network.parameters().Where(parameter => parameter.requires_grad).ToArray();
        var groups = parameters.GroupBy(parameter => parameter.dim() >= 2).Select(group => new AdamW.ParamGroup(
            group, options.LearningRate, options.Beta1, options.Beta2, weight_decay: group.Key ? options.WeightDecay : 0));
        optimizer = torch.optim.AdamW(groups, options.LearningRate, options.Beta1, options.Beta2);
    }

    /// <summary>Scales the gradients to the given joint norm at most; returns the norm before.</summary>
    public double ClipGradients(double maximumNorm) => torch.nn.utils.clip_grad_norm_(parameters, maximumNorm);

    public void Step(double learningRate)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        optimizer.step();
        optimizer.zero_grad();
    }

    public void Dispose() => optimizer.Dispose();
}
