using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MLNetLlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Benchmarks;

/// <summary>
/// Time and memory of loading a checkpoint of GPT-2's size, against memory-mapped loading in plain PyTorch. Every round is a
/// fresh process on either side; the files are in the page cache.
/// </summary>
internal static class LoadingBenchmark
{
    /// <summary>The argument by which this program runs as one of the fresh processes.</summary>
    public const string ChildCommand = "load-once";

    private static readonly GptConfig Network = GptConfig.Gpt2Small;

    public static IEnumerable<Measurement> Run(int rounds)
    {
        var root = Directory.CreateTempSubdirectory("mlnetllm-loading-");
        try
        {
            var single = Directory.CreateDirectory(Path.Combine(root.FullName, "float32")).FullName;
            var narrow = Directory.CreateDirectory(Path.Combine(root.FullName, "bfloat16")).FullName;
            WriteCheckpoint(single);
            WriteNarrow(single, narrow);
            return new[] { single, narrow }.SelectMany(directory => Compare(directory, rounds)).ToList();
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    /// <summary>Loads a checkpoint and prints how long it took and how much memory beyond the weights' own.</summary>
    public static int RunChild(string directory)
    {
        NativeRuntime.Initialize();
        using (ones(1))
        {
        }

        var before = ProcessMemory.Reset();
        var clock = Stopwatch.StartNew();
        using var network = GptModel.Load(directory, Precision.Float32, CPU);
        var seconds = clock.Elapsed.TotalSeconds;
        var bytes = network.parameters().Sum(parameter => parameter.NumberOfElements * parameter.ElementSize);
        Console.WriteLine(JsonSerializer.Serialize(new LoadFigures(seconds, (double)(ProcessMemory.Peak() - before) / bytes)));
        return 0;
    }

    private static IEnumerable<Measurement> Compare(string directory, int rounds)
    {
        var (ours, peers) = (new List<LoadFigures>(), new List<LoadFigures>());
        var peerIsThere = PyTorchPeer.IsAvailable;
        for (var round = -1; round < rounds; round++)
        {
            var mine = ChildProcess.Run<LoadFigures>(ChildCommand, directory);
            var theirs = peerIsThere ? PyTorchPeer.Run<LoadFigures>("loading.py", PeerEnvironment.Default, ("file", Path.Combine(directory, "model.safetensors"))) : null;
            // The first round only brings the file and the programs into the page cache.
            if (round >= 0)
            {
                ours.Add(mine);
                if (theirs is not null)
                {
                    peers.Add(theirs);
                }
            }
        }

        var name = $"loading, GPT-2 of 124 million weights, {Path.GetFileName(directory)} file";
        yield return Measured(name, "loads/s", figures => 1 / figures.Seconds);
        yield return Measured($"{name}, peak", "x weights", figures => figures.PeakByWeights);

        Measurement Measured(string title, string unit, Func<LoadFigures, double> figure)
        {
            var values = ours.Select(figure).ToList();
            return peerIsThere ? Measurement.Paired(title, unit, values, peers.Select(figure).ToList()) : Measurement.Alone(title, unit, values);
        }
    }

    private static void WriteCheckpoint(string directory)
    {
        var tokenizer = BytePairLearner.Learn(["the cat sat on the mat"], new BytePairOptions { VocabularySize = 270 });
        using var model = LanguageModel.Create(Network, tokenizer, Precision.Float32, CPU, seed: 1);
        model.Save(directory);
    }

    private static void WriteNarrow(string source, string target)
    {
        using var scope = NewDisposeScope();
        File.Copy(Path.Combine(source, "config.json"), Path.Combine(target, "config.json"));
        using var reader = SafetensorsReader.Open(Path.Combine(source, "model.safetensors"));
        var tensors = reader.Entries.Select(entry => KeyValuePair.Create(entry.Name, reader.ReadTensor(entry).to(ScalarType.BFloat16))).ToList();
        using var stream = File.Create(Path.Combine(target, "model.safetensors"));
        SafetensorsWriter.Write(stream, tensors);
    }

    private sealed record LoadFigures(double Seconds, double PeakByWeights);
}
