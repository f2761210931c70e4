using System.Diagnostics;
using MLNetLlm.Models;
using static TorchSharp.torch;

namespace MLNetLlm.Benchmarks;

/// <summary>
/// Tokens per second of greedy generation and of reading a prompt at GPT-2's smallest shape, against the same network with the
/// same kind of cache in plain PyTorch.
/// </summary>
internal static class GenerationBenchmark
{
    private const int PromptLength = 32;
    private const int NewTokens = 48;
    private const int LongPromptLength = 512;

    private static readonly GptConfig Network = GptConfig.Gpt2Small with { Dropout = 0 };

    public static IEnumerable<Measurement> Run(int rounds)
    {
        var peerIsThere = PyTorchPeer.IsAvailable;
        using var network = new GptModel(Network, Precision.Float32, CPU, seed: 1);
        network.eval();
        foreach (var precision in new[] { Precision.Float32, Precision.BFloat16 })
        {
            network.Precision = precision;
            foreach (var work in new[] { new Work("batch 1", 1, PromptLength, NewTokens), new Work("batch 8", 8, PromptLength, NewTokens), new Work("prompt of 512", 1, LongPromptLength, 1) })
            {
                var (ours, peers) = (new List<double>(), new List<double>());
                for (var round = 0; round < rounds; round++)
                {
                    ours.Add(Ours(network, work));
                    if (peerIsThere)
                    {
                        peers.Add(Peer(precision, work));
                    }
                }

                var name = $"generation, GPT-2 124M, {work.Name}, {precision}";
                yield return peerIsThere ? Measurement.Paired(name, "tokens/s", ours, peers) : Measurement.Alone(name, "tokens/s", ours);
            }
        }
    }

    private static double Ours(TransformerModel network, Work work)
    {
        // As long as the run itself: .NET's compiler optimises what has run for a while.
        Generate(network, work);
        return Generate(network, work);
    }

    // Of generation the first tokens do not count: they come with the prompts.
    private static double Generate(TransformerModel network, Work work)
    {
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = work.BatchSize });
        var random = new Random(1);
        for (var row = 0; row < work.BatchSize; row++)
        {
            var prompt = Enumerable.Range(0, work.PromptLength).Select(_ => random.Next(network.VocabularySize)).ToArray();
            engine.Admit(engine.CreateSequence(prompt, new GenerationOptions { MaximumNewTokens = work.NewTokens, StopAtEndOfText = false }));
        }

        var clock = Stopwatch.StartNew();
        engine.Step();
        if (work.NewTokens == 1)
        {
            return work.PromptLength / clock.Elapsed.TotalSeconds;
        }

        clock.Restart();
        while (engine.SequenceCount > 0)
        {
            engine.Step();
        }

        return (work.NewTokens - 1) * work.BatchSize / clock.Elapsed.TotalSeconds;
    }

    private static double Peer(Precision precision, Work work) => PyTorchPeer.TokensPerSecond(
        "generation.py",
        ("vocabulary", Network.VocabularySize), ("context", Network.ContextLength), ("layers", Network.LayerCount), ("heads", Network.HeadCount),
        ("width", Network.Width), ("batch", work.BatchSize), ("prompt", work.PromptLength), ("tokens", work.NewTokens),
        ("threads", Environment.ProcessorCount), ("precision", precision.ToString().ToLowerInvariant()));

    private sealed record Work(string Name, int BatchSize, int PromptLength, int NewTokens);
}
