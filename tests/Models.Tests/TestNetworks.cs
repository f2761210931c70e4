using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests;

/// <summary>Small networks and files that several specifications share.</summary>
internal static class TestNetworks
{
    public static GptConfig SmallConfig { get; } = GptConfig.Tiny with
    {
        VocabularySize = 320, ContextLength = 32, Width = 32, HeadCount = 4, LayerCount = 3, Dropout = 0,
    };

    public static GptModel Create(GptConfig? config = null, Precision precision = Precision.Float32, long seed = 1)
    {
        var network = new GptModel(config ?? SmallConfig, precision, CPU, seed);
        network.eval();
        return network;
    }

    public static LanguageModel CreateLanguageModel(Precision precision = Precision.Float32, long seed = 1)
    {
        var tokenizer = BytePairLearner.Learn(
            ["the cat sat on the mat", "the dog sat on the log", "free prizes, call now"], new BytePairOptions { VocabularySize = 300 });
        var model = LanguageModel.Create(SmallConfig, tokenizer, precision, CPU, seed);
        model.Network.eval();
        return model;
    }

    public static int[][] RandomRows(int seed, params int[] lengths)
    {
        var random = new Random(seed);
        return Array.ConvertAll(lengths, length => Enumerable.Range(0, length).Select(_ => random.Next(300)).ToArray());
    }

    public static Tensor Ids(params int[][] rows) =>
        tensor(rows.SelectMany(row => row).Select(id => (long)id).ToArray(), [rows.Length, rows[0].Length]);

    public static float[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();

    public static double LargestDifference(Tensor left, Tensor right) => (left - right).abs().max().item<float>();

    /// <summary>Teaches a classifier that each row is of a class of its own.</summary>
    public static void LearnClasses(TextClassificationModel model, int[][] rows, double learningRate, int steps)
    {
        using var optimizer = optim.Adam(model.Network.parameters(), lr: learningRate);
        model.Network.train();
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Create(rows, 0, CPU);
            optimizer.zero_grad();
            nn.functional.cross_entropy(model.Network.call(batch.Ids, batch.Lengths), arange(rows.Length, ScalarType.Int64)).backward();
            optimizer.step();
        }

        model.Network.eval();
    }

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);
}
