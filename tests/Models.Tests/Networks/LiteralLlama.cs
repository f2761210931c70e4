namespace MLNetLlm.Models.Tests.Networks;

/// <summary>The decoder written down number by number in 64 bits, from the papers and the published configuration's meaning.</summary>
internal sealed class LiteralLlama(LlamaConfig config, TransformerModel network)
{
    private readonly Dictionary<string, (double[] Values, long[] Shape)> weights = network.named_parameters().ToDictionary(
        pair => pair.Item1, pair => (Array.ConvertAll(TestNetworks.Values(pair.Item2), value => (double)value), pair.Item2.shape));

    private readonly int headWidth = config.HeadWidth ?? config.Width / config.HeadCount;

    /// <summary>Hidden states [time][width] of one sequence.</summary>
    public double[][] Hidden(int[] ids)
    {
        var embedding = weights["embed_tokens.weight"].Values;
        var stream = Array.ConvertAll(ids, id => embedding[(id * config.Width)..((id + 1) * config.Width)]);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var path = $"layers.{layer}";
            var attended = Attend(Array.ConvertAll(stream, x => Norm(x, $"{path}.input_layernorm")), layer);
            stream = Add(stream, attended);
            var transformed = Array.ConvertAll(stream, x => FeedForward(Norm(x, $"{path}.post_attention_layernorm"), $"{path}.mlp"));
            stream = Add(stream, transformed);
        }

        return Array.ConvertAll(stream, x => Norm(x, "norm"));
    }

    private double[][] Attend(double[][] input, int layer)
    {
        var path = $"layers.{layer}.self_attn";
        var queries = Array.ConvertAll(input, x => Linear(x, $"{path}.q_proj"));
        var keys = Array.ConvertAll(input, x => Linear(x, $"{path}.k_proj"));
        var values = Array.ConvertAll(input, x => Linear(x, $"{path}.v_proj"));
        var perKey = config.HeadCount / (config.KeyValueHeadCount ?? config.HeadCount);
        var window = config.Window is { } limit && layer >= config.UnlimitedLayers ? limit : int.MaxValue;
        var mixed = input.Select(_ => new double[config.HeadCount * headWidth]).ToArray();
        for (var head = 0; head < config.HeadCount; head++)
        {
            var shared = head / perKey;
            for (var now = 0; now < input.Length; now++)
            {
                var query = Turn(queries[now], head, now, input.Length);
                var seen = Enumerable.Range(0, now + 1).Where(then => now - then < window).ToArray();
                var scores = seen.Select(then => Dot(query, Turn(keys[then], shared, then, input.Length)) / Math.Sqrt(headWidth)).ToArray();
                var exponentials = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var i = 0; i < seen.Length; i++)
                {
                    for (var part = 0; part < headWidth; part++)
                    {
                        mixed[now][head * headWidth + part] += exponentials[i] / exponentials.Sum() * values[seen[i]][shared * headWidth + part];
                    }
                }
            }
        }

        return Array.ConvertAll(mixed, x => Linear(x, $"{path}.o_proj"));
    }

    private double[] Turn(double[] vector, int head, int position, int length)
    {
        var half = headWidth / 2;
        var turned = new double[headWidth];
        for (var pair = 0; pair < half; pair++)
        {
            var angle = position * Frequency(pair, length);
            var (x, y) = (vector[head * headWidth + pair], vector[head * headWidth + pair + half]);
            turned[pair] = x * Math.Cos(angle) - y * Math.Sin(angle);
            turned[pair + half] = y * Math.Cos(angle) + x * Math.Sin(angle);
        }

        return turned;
    }

    private double Frequency(int pair, int length)
    {
        var rotaryBase = config.RotaryBase;
        var scaling = config.RotaryScaling;
        if (scaling?.Kind == RotaryScalingKind.Dynamic)
        {
            var original = scaling.OriginalContextLength!.Value;
            var counted = Math.Max(length, original);
            rotaryBase *= Math.Pow(scaling.Factor * counted / original - (scaling.Factor - 1), headWidth / (headWidth - 2.0));
        }

        var frequency = 1 / Math.Pow(rotaryBase, 2.0 * pair / headWidth);
        if (scaling?.Kind == RotaryScalingKind.Linear)
        {
            return frequency / scaling.Factor;
        }

        if (scaling?.Kind != RotaryScalingKind.Llama3)
        {
            return frequency;
        }

        var wavelength = 2 * Math.PI / frequency;
        var context = (double)scaling.OriginalContextLength!.Value;
        if (wavelength < context / scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > context / scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }

        var smooth = (context / wavelength - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - smooth) * frequency / scaling.Factor + smooth * frequency;
    }

    private double[] FeedForward(double[] input, string path)
    {
        Converter<double, double> activation = config.Activation == Activation.Silu ? Silu : GeluTanh;
        var gate = Array.ConvertAll(Linear(input, $"{path}.gate_proj"), activation);
        var up = Linear(input, $"{path}.up_proj");
        return Linear(gate.Zip(up, (left, right) => left * right).ToArray(), $"{path}.down_proj");
    }

    private double[] Norm(double[] input, string path)
    {
        var scale = 1 / Math.Sqrt(input.Sum(x => x * x) / input.Length + config.NormEpsilon);
        return input.Zip(weights[$"{path}.weight"].Values, (x, weight) => x * scale * weight).ToArray();
    }

    private double[] Linear(double[] input, string path)
    {
        var (values, shape) = weights[$"{path}.weight"];
        var bias = weights.TryGetValue($"{path}.bias", out var found) ? found.Values : null;
        var output = new double[shape[0]];
        for (var row = 0; row < output.Length; row++)
        {
            output[row] = Dot(input, values[(row * input.Length)..((row + 1) * input.Length)]) + (bias?[row] ?? 0);
        }

        return output;
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (x, y) => x * y).Sum();

    private static double[][] Add(double[][] left, double[][] right) =>
        left.Zip(right, (x, y) => x.Zip(y, (a, b) => a + b).ToArray()).ToArray();

    private static double Silu(double x) => x / (1 + Math.Exp(-x));

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}
