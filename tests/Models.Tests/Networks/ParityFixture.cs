using System.Text.Json.Nodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>
/// A checkpoint with known answers, computed in 64 bits by another implementation, and the tolerances that its authors set.
/// </summary>
internal sealed class ParityFixture(string name)
{
    private static readonly string[] Prefixes = ["transformer.", "model.", "bert."];

    public TransformerModel Network { get; } = TransformerModel.Load(TestNetworks.Fixture(name), Precision.Float32, CPU);

    public JsonNode Expected { get; } = JsonNode.Parse(File.ReadAllText(Path.Combine(TestNetworks.Fixture(name), "expected.json")))!;

    public static int[] Integers(JsonNode node) => node.AsArray().Select(item => item!.GetValue<int>()).ToArray();

    public static int[][] Rows(JsonNode node) => node.AsArray().Select(row => Integers(row!)).ToArray();

    public static double[] Numbers(JsonNode node) => node.AsArray().Select(item => item!.GetValue<double>()).ToArray();

    public static Tensor NextTokens(int[][] rows) =>
        TestNetworks.Ids(Array.ConvertAll(rows, row => row.Skip(1).Append((int)LanguageModelLoss.Ignored).ToArray()));

    public static void Near(double expected, double actual, double relative, string what) =>
        Assert.True(Math.Abs(expected - actual) <= relative * Math.Abs(expected), $"{what}: expected {expected}, found {actual}");

    /// <summary>Compares [positions, n] with what is known of every position.</summary>
    public static void CheckRows(Tensor rows, JsonNode expected)
    {
        var (mean, deviation) = (Numbers(expected["mean"]!), Numbers(expected["std"]!));
        var (best, projection) = (Integers(expected["argmax"]!), Numbers(expected["sin_dot"]!));
        var sines = arange(1, rows.shape[1] + 1, ScalarType.Float32).sin();
        for (var position = 0; position < mean.Length; position++)
        {
            var row = rows[position];
            var tolerance = 1e-4 * row.abs().max().item<float>();
            Assert.Equal(mean[position], row.mean().item<float>(), tolerance);
            Assert.Equal(deviation[position], row.std(unbiased: false).item<float>(), tolerance);
            Assert.Equal(best[position], row.argmax().item<long>());
            Assert.Equal(projection[position], (row * sines).sum().item<float>(), 1e-4 * deviation[position] * rows.shape[1]);
        }
    }

    /// <summary>Compares the first numbers of a vector.</summary>
    public static void CheckStart(Tensor row, double[] expected)
    {
        var tolerance = 1e-4 * row.abs().max().item<float>();
        Assert.All(expected.Zip(TestNetworks.Values(row)), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    /// <summary>Takes the reference's training steps and compares losses, gradients and the weights at the end.</summary>
    /// <param name="backward">Computes the loss of the reference's batch and its gradients.</param>
    public void CheckTraining(Func<Tensor> backward)
    {
        Network.train();
        var train = Expected["train"]!;
        var adamW = new LiteralAdamW(Network, train["adamw"]!);
        var losses = Numbers(train["adamw"]!["losses"]!);
        for (var step = 0; step <= adamW.Steps; step++)
        {
            Network.zero_grad();
            var loss = backward();
            Near(losses[step], loss.item<float>(), 1e-4, $"loss before step {step + 1}");
            if (step == 0)
            {
                Near(train["loss"]!.GetValue<double>(), loss.item<float>(), 1e-5, "loss");
                CheckGradients(train);
            }

            if (step < adamW.Steps)
            {
                adamW.Step();
            }
        }

        foreach (var (parameter, norm) in train["adamw"]!["param_l2_after"]!.AsObject())
        {
            // The key biases have no gradient but rounding noise, which AdamW turns into whole steps.
            var isKeyBias = parameter.EndsWith("c_attn.bias", StringComparison.Ordinal) || parameter.EndsWith("key.bias", StringComparison.Ordinal);
            Near(norm!.GetValue<double>(), Parameter(parameter).norm().item<float>(), isKeyBias ? 1e-2 : 1e-4, parameter);
        }
    }

    private void CheckGradients(JsonNode train)
    {
        var withoutGradient = train["zero_gradient"]!.AsArray().Select(name => name!.ToString()).ToHashSet();
        foreach (var name in withoutGradient)
        {
            Assert.InRange(Parameter(name).grad!.abs().max().item<float>(), 0, 1e-5);
        }

        foreach (var (name, norm) in train["grad_l2"]!.AsObject().Where(pair => !withoutGradient.Contains(pair.Key)))
        {
            var expectedNorm = norm!.GetValue<double>();
            var gradient = AsStored(name, Parameter(name).grad!);
            Near(expectedNorm, gradient.norm().item<float>(), 1e-3, name);
            var first = TestNetworks.Values(gradient.reshape(-1))[..4];
            Assert.All(
                Numbers(train["grad_first4"]![name]!).Zip(first), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * expectedNorm));
        }
    }

    // GPT-2's files hold the projections as [inputs, outputs].
    private static Tensor AsStored(string name, Tensor gradient) =>
        gradient.ndim == 2 && name.Contains(".c_", StringComparison.Ordinal) ? gradient.t() : gradient;

    private Parameter Parameter(string publicName)
    {
        var prefix = Prefixes.FirstOrDefault(prefix => publicName.StartsWith(prefix, StringComparison.Ordinal)) ?? "";
        return Network.named_parameters().Single(pair => pair.Item1 == publicName[prefix.Length..]).Item2;
    }
}
