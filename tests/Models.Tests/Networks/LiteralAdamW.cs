using System.Text.Json.Nodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>The update as the reference states it, with decay on matrices only; what the loss does not reach stays.</summary>
internal sealed class LiteralAdamW(nn.Module network, JsonNode settings)
{
    private readonly Dictionary<Parameter, (Tensor First, Tensor Second)> moments = network.parameters()
        .ToDictionary(parameter => parameter, parameter => (zeros_like(parameter), zeros_like(parameter)));

    private int step;

    public int Steps { get; } = settings["steps"]!.GetValue<int>();

    public void Step()
    {
        using var noGradient = no_grad();
        step++;
        double Setting(string key) => settings[key]!.GetValue<double>();
        var (rate, beta1, beta2) = (Setting("lr"), Setting("beta1"), Setting("beta2"));
        foreach (var (parameter, (first, second)) in moments)
        {
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            first.mul_(beta1).add_(gradient, 1 - beta1);
            second.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
            if (parameter.ndim == 2)
            {
                parameter.mul_(1 - rate * Setting("weight_decay"));
            }

            var size = (second / (1 - Math.Pow(beta2, step))).sqrt() + Setting("eps");
            parameter.sub_(first / (1 - Math.Pow(beta1, step)) / size * rate);
        }
    }
}
