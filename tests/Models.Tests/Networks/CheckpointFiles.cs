using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>What the files of a saved checkpoint hold.</summary>
internal static class CheckpointFiles
{
    public static string[] TensorNames(TemporaryDirectory directory)
    {
        using var reader = SafetensorsReader.Open(directory.File("model.safetensors"));
        return [.. reader.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    public static void Rewrite(
        TemporaryDirectory directory, Func<IEnumerable<KeyValuePair<string, Tensor>>, IEnumerable<KeyValuePair<string, Tensor>>> change)
    {
        var path = directory.File("model.safetensors");
        KeyValuePair<string, Tensor>[] tensors;
        using (var reader = SafetensorsReader.Open(path))
        {
            tensors = change(reader.Entries.Select(entry => KeyValuePair.Create(entry.Name, reader.ReadTensor(entry)))).ToArray();
        }

        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }
}
