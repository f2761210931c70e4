using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Moves the weights of a network to and from files and other networks.</summary>
internal static class NetworkWeights
{
    public const string FileName = "model.safetensors";

    /// <summary>
    /// Fills every tensor of the network. Names may carry the family's prefix or not. Everything that does not match is
    /// found in the header and reported at once, before any weight is changed.
    /// </summary>
    public static void Read(
        SafetensorsReader reader, IEnumerable<CheckpointTensor> tensors, TransformerFamily family, Func<string, bool> isIgnored, string fileName)
    {
        var expected = tensors.ToDictionary(tensor => tensor.Name);
        var matched = Match(reader.Entries, expected, family.WeightPrefix, isIgnored, fileName);
        using var noGradient = no_grad();
        foreach (var (entry, target) in matched)
        {
            using var scope = NewDisposeScope();
            var stored = reader.ReadTensor(entry).to(ScalarType.Float32);
            RequireFinite(stored, entry, fileName);
            target.Parameter.copy_(target.IsTransposed ? stored.t() : stored);
        }
    }

    /// <param name="stream">Where the file goes.</param>
    /// <param name="tensors">What it holds.</param>
    /// <param name="family">How names begin.</param>
    public static void Write(Stream stream, IEnumerable<CheckpointTensor> tensors, TransformerFamily family)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var stored = tensors
            .Select(tensor => KeyValuePair.Create(
                tensor.PublicName(family), tensor.IsTransposed ? tensor.Parameter.detach().t() : tensor.Parameter.detach()))
            .ToArray();
        SafetensorsWriter.Write(stream, stored);
    }

    /// <summary>Copies all weights to a network of the same shape.</summary>
    public static void Copy(nn.Module source, nn.Module target)
    {
        using var noGradient = no_grad();
        foreach (var (from, to) in source.parameters().Zip(target.parameters()))
        {
            to.copy_(from);
        }
    }

    private static List<(SafetensorsEntry Entry, CheckpointTensor Target)> Match(
        IReadOnlyList<SafetensorsEntry> entries, Dictionary<string, CheckpointTensor> expected, string prefix, Func<string, bool> isIgnored,
        string fileName)
    {
        var matched = new List<(SafetensorsEntry, CheckpointTensor)>();
        var missing = new HashSet<string>(expected.Keys);
        var unexpected = new List<string>();
        var unusable = new List<string>();
        foreach (var entry in entries)
        {
            var name = entry.Name.StartsWith(prefix, StringComparison.Ordinal)
                ? entry.Name[prefix.Length..]
                : entry.Name;
            if (isIgnored(name))
            {
                continue;
            }

            if (!expected.TryGetValue(name, out var target) || !missing.Remove(name))
            {
                unexpected.Add(entry.Name);
            }
            else if (!entry.Shape.SequenceEqual(target.StoredShape))
            {
                unusable.Add($"{entry.Name} is [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", target.StoredShape)}]");
            }
            else if (entry.Type is not ("F64" or "F32" or "F16" or "BF16"))
            {
                unusable.Add($"{entry.Name} is of type {entry.Type}, expected F64, F32, F16 or BF16");
            }
            else
            {
                matched.Add((entry, target));
            }
        }

        if (missing.Count + unexpected.Count + unusable.Count > 0)
        {
            throw new InvalidDataException(string.Join(
                Environment.NewLine,
                new[]
                {
                    $"{fileName} does not fit the network that its configuration describes.",
                    Line("Missing", missing.Order(StringComparer.Ordinal)),
                    Line("Unexpected", unexpected),
                    Line("Not usable", unusable),
                }.Where(line => line.Length > 0)));
        }

        return matched;
    }

    private static string Line(string title, IEnumerable<string> items)
    {
        var joined = string.Join("; ", items);
        return joined.Length == 0 ? "" : $"{title}: {joined}.";
    }

    // A sum is cheap and not finite whenever a value is not; only then is every value looked at.
    private static void RequireFinite(Tensor values, SafetensorsEntry entry, string fileName)
    {
        if (float.IsFinite(values.sum().item<float>()) || values.isfinite().all().item<bool>())
        {
            return;
        }

        var first = values.reshape(-1).isfinite().logical_not().nonzero()[0].item<long>();
        throw new InvalidDataException(
            $"{fileName}: tensor '{entry.Name}' holds a value that is not a finite number (element {first}, offset {entry.Begin} in the data); "
            + "the weights come from a training run that failed, or the file is damaged.");
    }
}
