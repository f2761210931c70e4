using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Generation;

/// <summary>What the specifications of generation share.</summary>
internal static class GenerationData
{
    public static GenerationOptions Greedy { get; } = new() { MaximumNewTokens = 12, StopAtEndOfText = false };

    /// <summary>Greedy tokens from whole forward passes, without any cache.</summary>
    public static int[] WithoutCache(TransformerModel network, int vocabularySize, IEnumerable<int> prompt, int count)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = prompt.ToList();
        var promptLength = ids.Count;
        for (var step = 0; step < count; step++)
        {
            var logits = network.Logits(network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]);
            ids.Add((int)logits.narrow(0, 0, vocabularySize).argmax().item<long>());
        }

        return [.. ids.Skip(promptLength)];
    }

    /// <summary>Makes the final norm point at one token's embedding whatever the text.</summary>
    public static void MakeLikeliest(LanguageModel model, int id)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parameters = model.Network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        parameters["ln_f.weight"].zero_();
        parameters["ln_f.bias"].copy_(parameters["wte.weight"][id] * 100);
        model.Network.WeightsChanged();
    }

    /// <summary>A model that writes these tokens after a prompt of one token, whatever that is.</summary>
    public static LanguageModel Scripted(params int[] script)
    {
        using var template = TestNetworks.CreateLanguageModel();
        var config = TestNetworks.SmallConfig with { ContextLength = 64, Width = 64, LayerCount = 1, TiedEmbeddings = false };
        var model = LanguageModel.Create(config, template.Tokenizer, Precision.Float32, CPU, 1);
        ScriptedDecoder.Script(model, script);
        return model;
    }

    public static void Spoil(LanguageModel model, float value)
    {
        using var noGradient = no_grad();
        model.Network.named_parameters().Single(pair => pair.Item1 == "ln_f.bias").Item2.fill_(value);
        model.Network.WeightsChanged();
    }

    public static void RunToEnd(GenerationEngine engine)
    {
        while (engine.SequenceCount > 0)
        {
            engine.Step();
        }
    }
}
