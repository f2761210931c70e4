namespace MLNetLlm.Models;

/// <summary>Weights in formats that are not read, and what their owner can do.</summary>
internal static class ForeignWeights
{
    private const string Pickle =
        "is a Python pickle, which can run code when it is read and is therefore not supported; convert it to safetensors, for example "
        + "with save_pretrained(..., safe_serialization=True)";

    private static readonly (string Pattern, string Advice)[] Known =
    [
        ("pytorch_model.bin.index.json", $"lists shards of weights each of which {Pickle}"),
        ("pytorch_model*.bin", Pickle),
        ("*.gguf", "holds weights in the format of llama.cpp, mostly quantized, which is not supported; take the checkpoint that it was made from, with safetensors files"),
        ("*.onnx", "is an exported graph, which cannot be trained and is not supported; take the checkpoint that it was exported from, with safetensors files"),
        ("tf_model*.h5", "holds TensorFlow weights, which are not supported; load it there and save it as safetensors"),
        ("flax_model*.msgpack", "holds Flax weights, which are not supported; load it there and save it as safetensors"),
        ("adapter_model.safetensors", "holds only an adapter; load the model that it adapts and then this with LoraCheckpoint.Load, or merge both and save that"),
        ("*.pth", Pickle),
        ("*.pt", Pickle),
        ("*.safetensors", "has another name than a checkpoint's weights; if it holds all of them, rename it to model.safetensors"),
    ];

    /// <summary>What to throw where a directory has no weights that can be read.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="expected">What messages call the file that should be there.</param>
    public static FileNotFoundException Missing(string directory, string expected)
    {
        if (Directory.Exists(directory))
        {
            foreach (var (pattern, advice) in Known)
            {
                if (Directory.EnumerateFiles(directory, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() is { } found)
                {
                    return new FileNotFoundException($"{expected} is missing. '{found}' {advice}.");
                }
            }
        }

        return new FileNotFoundException($"{expected} is missing; a checkpoint holds its weights there, or in shards listed by {CheckpointWeights.IndexFileName}.");
    }
}
