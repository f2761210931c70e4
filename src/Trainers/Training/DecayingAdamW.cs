using TorchSharp;
using TorchSharp.Modules;

namespace MLNetLlm.Trainers;

/// <summary>AdamW over a network's trainable parameters, with weight decay on matrices and embeddings only.</summary>
internal sealed class DecayingAdamW : IDisposable
{
    private readonly AdamW optimizer;
    private readonly (string Name, Parameter Parameter)[] parameters;
    private readonly ProcessorAdamW? processor;
    private double gradientScale = 1;

    public DecayingAdamW(torch.nn.Module network, TrainingOptions options)
    {
        var settings = options.Optimizer;
        var groups = TrainableParameters.Of(network).GroupBy(pair => Decays(pair.Parameter)).Select(group => group.ToArray()).ToArray();
        parameters = groups.SelectMany(group => group).ToArray();
        optimizer = torch.optim.AdamW(
            groups.Select(group => new AdamW.ParamGroup(
                group.Select(pair => pair.Parameter), options.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon,
                Decays(group[0].Parameter) ? settings.WeightDecay : 0)),
            options.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon);
        if (parameters.All(pair => pair.Parameter.device_type == DeviceType.CPU && pair.Parameter.dtype == torch.ScalarType.Float32 && pair.Parameter.is_contiguous()))
        {
            processor = new ProcessorAdamW(
                parameters.Zip(Moments(), (pair, moments) => (pair.Parameter, moments.State, Decays(pair.Parameter) ? settings.WeightDecay : 0)), settings);
        }
    }

    /// <summary>The running averages of every parameter and how many steps they have seen.</summary>
    public IEnumerable<AdamWMoments> Moments() => parameters.Zip(optimizer.state_dict().State, (pair, state) => new AdamWMoments(pair.Name, (AdamW.State)state));

    /// <summary>Lets the next step see the gradients scaled to the given joint norm at most; returns the norm before.</summary>
    public double ClipGradients(double maximumNorm)
    {
        if (processor is null)
        {
            return torch.nn.utils.clip_grad_norm_(parameters.Select(pair => pair.Parameter), maximumNorm);
        }

        // The scale waits for the step, which reads the gradients anyway.
        var norm = processor.GradientNorm() * gradientScale;
        gradientScale *= Math.Min(1, maximumNorm / (norm + 1e-6));
        return norm;
    }

    public void Step(double learningRate)
    {
        if (processor is not null)
        {
            processor.Step(learningRate, gradientScale);
        }
        else
        {
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = learningRate;
            }

            optimizer.step();
        }

        ForgetGradients();
    }

    /// <summary>Parameters that a step does not reach have no gradient then, and not one of zeros, under which they would decay.</summary>
    public void ForgetGradients()
    {
        gradientScale = 1;
        foreach (var (_, parameter) in parameters)
        {
            parameter.grad = null;
        }
    }

    public void Dispose()
    {
        processor?.Dispose();
        optimizer.Dispose();
    }

    private static bool Decays(Parameter parameter) => parameter.dim() >= 2;
}

/// <param name="Name">Name of the parameter.</param>
/// <param name="State">Live: what is written to it, the optimizer goes on with.</param>
internal readonly record struct AdamWMoments(string Name, AdamW.State State);

/// <summary>What training changes in a network.</summary>
internal static class TrainableParameters
{
    public static IEnumerable<(string Name, Parameter Parameter)> Of(torch.nn.Module network) =>
        network.named_parameters().Where(pair => pair.Item2.requires_grad).Select(pair => (pair.Item1, pair.Item2));
}
