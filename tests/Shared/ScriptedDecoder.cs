using MLNetLlm.Models;
using static TorchSharp.torch;

namespace MLNetLlm.Tests;

/// <summary>Makes a decoder write what a test wants, whatever it reads.</summary>
internal static class ScriptedDecoder
{
    /// <summary>Sets the weights of a GPT-2 of one layer, as wide as its context is long and with an untied head.</summary>
    /// <param name="model">Writes the script from now on.</param>
    /// <param name="script">Ids of tokens.</param>
    /// <param name="start">Position of the token that the first of them follows.</param>
    public static void Script(LanguageModel model, IReadOnlyList<int> script, int start = 0)
    {
        model.Network.eval();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parameters = model.Network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        foreach (var name in new[] { "wte.weight", "h.0.attn.c_proj.weight", "h.0.mlp.c_proj.weight", "lm_head.weight" })
        {
            parameters[name].zero_();
        }

        // A position's state is a direction of its own, and the head turns it into the script's token.
        parameters["wpe.weight"].copy_(eye(model.Config.Width));
        for (var place = 0; place < script.Count; place++)
        {
            parameters["lm_head.weight"][script[place], start + place] = tensor(10f);
        }
    }
}
