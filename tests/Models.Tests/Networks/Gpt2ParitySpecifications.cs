using System.Text.Json.Nodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>
/// Checkpoints with known answers, computed in 64 bits by another implementation: the network must load them and compute
/// the same function, the same gradients and the same training steps.
/// </summary>
public class Gpt2ParitySpecifications
{
    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("gpt2-tiny-noprefix")]
    public void LogitsAndLossAreTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var (network, expected) = Load(name);
        using var noGradient = no_grad();
        foreach (var sequence in expected["sequences"]!.AsArray())
        {
            var ids = Integers(sequence!["input_ids"]!);
            var hidden = network.call(TestNetworks.Ids(ids));
            var logits = network.Logits(hidden).squeeze(0);
            CheckLogits(logits, sequence["logits"]!, Numbers(sequence["last_logits_first32"]!));
            var loss = LanguageModelLoss.Evaluate(network, hidden, NextTokens([ids]));
            Near(sequence["loss"]!.GetValue<double>(), loss.item<float>(), 1e-5, "loss");
        }
    }

    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("gpt2-tiny-noprefix")]
    public void GradientsAndAdamWStepsAreTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var (network, expected) = Load(name);
        network.train();
        var train = expected["train"]!;
        var rows = train["batch"]!["input_ids"]!.AsArray().Select(row => Integers(row!)).ToArray();
        var adamW = new LiteralAdamW(network, train["adamw"]!);
        var losses = Numbers(train["adamw"]!["losses"]!);
        for (var step = 0; step <= adamW.Steps; step++)
        {
            network.zero_grad();
            var loss = LanguageModelLoss.Backward(network, network.call(TestNetworks.Ids(rows)), NextTokens(rows));
            Near(losses[step], loss.item<float>(), 1e-4, $"loss before step {step + 1}");
            if (step == 0)
            {
                CheckGradients(network, train);
            }

            if (step < adamW.Steps)
            {
                adamW.Step();
            }
        }

        foreach (var (parameter, norm) in train["adamw"]!["param_l2_after"]!.AsObject())
        {
            // The key biases have no gradient but rounding noise, which AdamW turns into whole steps.
            var tolerance = parameter.EndsWith("c_attn.bias", StringComparison.Ordinal) ? 1e-2 : 1e-4;
            Near(norm!.GetValue<double>(), Parameter(network, parameter).norm().item<float>(), tolerance, parameter);
        }
    }

    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("gpt2-tiny-noprefix")]
    public void GreedyContinuationIsTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var (network, expected) = Load(name);
        using var noGradient = no_grad();
        foreach (var greedy in expected["greedy"]!.AsArray())
        {
            var ids = Integers(greedy!["prompt"]!).ToList();
            var promptLength = ids.Count;
            for (var step = 0; step < 16; step++)
            {
                var hidden = network.call(TestNetworks.Ids(ids.ToArray()));
                ids.Add((int)network.Logits(hidden[0, -1]).argmax().item<long>());
            }

            Assert.Equal(Integers(greedy["new_ids"]!), ids.Skip(promptLength));
        }
    }

    [SkippableFact]
    public void ThePublicTinyRandomCheckpointGivesItsPublishedContinuations()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        File.Copy(TestNetworks.SharedFile("data", "tiny_random_gpt2", "model.safetensors"), directory.File("model.safetensors"));
        File.WriteAllText(directory.File("config.json"), new GptConfig
        {
            VocabularySize = 1000, ContextLength = 512, LayerCount = 5, HeadCount = 4, Width = 32, Dropout = 0,
        }.ToJson());
        var network = TransformerModel.Load(directory.Path, Precision.Float32, CPU);
        using var noGradient = no_grad();
        var expected = JsonNode.Parse(File.ReadAllText(TestNetworks.SharedFile("data", "tiny_random_gpt2", "expected.json")))!;
        foreach (var (prompt, answer) in expected["cases"]!.AsObject())
        {
            var ids = Integers(JsonNode.Parse(prompt)!).ToList();
            var first = network.Logits(network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]);
            var logits = TestNetworks.Values(first)[..10];
            Assert.All(Numbers(answer!["first_step_logits_0_9"]!).Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            while (ids.Count < 10)
            {
                ids.Add((int)network.Logits(network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]).argmax().item<long>());
            }

            Assert.Equal(Integers(answer["greedy"]!), ids);
        }
    }

    private static (TransformerModel Network, JsonNode Expected) Load(string name) => (
        TransformerModel.Load(TestNetworks.Fixture(name), Precision.Float32, CPU),
        JsonNode.Parse(File.ReadAllText(Path.Combine(TestNetworks.Fixture(name), "expected.json")))!);

    private static void CheckLogits(Tensor logits, JsonNode expected, double[] lastFirst32)
    {
        var (mean, deviation) = (Numbers(expected["mean"]!), Numbers(expected["std"]!));
        var (best, projection) = (Integers(expected["argmax"]!), Numbers(expected["sin_dot"]!));
        var sines = arange(1, logits.shape[1] + 1, ScalarType.Float32).sin();
        for (var position = 0; position < mean.Length; position++)
        {
            var row = logits[position];
            var tolerance = 1e-4 * row.abs().max().item<float>();
            Assert.Equal(mean[position], row.mean().item<float>(), tolerance);
            Assert.Equal(deviation[position], row.std(unbiased: false).item<float>(), tolerance);
            Assert.Equal(best[position], row.argmax().item<long>());
            Assert.Equal(projection[position], (row * sines).sum().item<float>(), 1e-4 * deviation[position] * logits.shape[1]);
        }

        var last = logits[-1];
        var lastTolerance = 1e-4 * last.abs().max().item<float>();
        Assert.All(lastFirst32.Zip(TestNetworks.Values(last)), pair => Assert.Equal(pair.First, pair.Second, lastTolerance));
    }

    private static void CheckGradients(TransformerModel network, JsonNode train)
    {
        foreach (var (name, norm) in train["grad_l2"]!.AsObject())
        {
            var expectedNorm = norm!.GetValue<double>();
            var gradient = AsStored(name, Parameter(network, name).grad!);
            Near(expectedNorm, gradient.norm().item<float>(), 1e-3, name);
            var first = TestNetworks.Values(gradient.reshape(-1))[..4];
            Assert.All(
                Numbers(train["grad_first4"]![name]!).Zip(first), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * expectedNorm));
        }
    }

    // Files hold the projections as [inputs, outputs].
    private static Tensor AsStored(string name, Tensor gradient) =>
        gradient.ndim == 2 && name.Contains(".c_", StringComparison.Ordinal) ? gradient.t() : gradient;

    private static Parameter Parameter(TransformerModel network, string name) => network.named_parameters()
        .Single(pair => pair.Item1 == name.Replace("transformer.", "", StringComparison.Ordinal)).Item2;

    private static Tensor NextTokens(int[][] rows) =>
        TestNetworks.Ids(Array.ConvertAll(rows, row => row.Skip(1).Append((int)LanguageModelLoss.Ignored).ToArray()));

    private static void Near(double expected, double actual, double relative, string what) =>
        Assert.True(Math.Abs(expected - actual) <= relative * Math.Abs(expected), $"{what}: expected {expected}, found {actual}");

    private static int[] Integers(JsonNode node) => node.AsArray().Select(item => item!.GetValue<int>()).ToArray();

    private static double[] Numbers(JsonNode node) => node.AsArray().Select(item => item!.GetValue<double>()).ToArray();

    /// <summary>The update as the reference states it, with decay on matrices only.</summary>
    private sealed class LiteralAdamW(nn.Module network, JsonNode settings)
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
                var gradient = parameter.grad!;
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
}
