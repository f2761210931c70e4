using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Moves the weights of a network to and from files and other networks.</summary>
internal static class NetworkWeights
{
    /// <summary>
    /// Fills every tensor of the network. Names may carry the family's prefix or not. Everything that does not match is
    /// found in the header and reported at once, before any weight is changed.
    /// </summary>
    public static void Read(
        IWeightSource source, IEnumerable<CheckpointTensor> tensors, TransformerFamily family, Func<string, bool> isIgnored)
    {
        var expected = tensors.ToDictionary(tensor => tensor.Name);
        var matched = Match(source, expected, family, isIgnored);
        using var noGradient = no_grad();
        new WeightFilling(source).Fill(matched);
    }

    /// <param name="store">Where the files go.</param>
    /// <param name="tensors">What it holds.</param>
    /// <param name="family">How names begin.</param>
    public static void Write(ICheckpointStore store, IEnumerable<CheckpointTensor> tensors, TransformerFamily family)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var stored = tensors
            .Select(tensor => KeyValuePair.Create(
                tensor.PublicName(family), tensor.IsTransposed ? tensor.Parameter.detach().t() : tensor.Parameter.detach()))
            .ToArray();
        CheckpointWeights.Write(store, stored);
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

    private static List<MatchedWeight> Match(
        IWeightSource source, Dictionary<string, CheckpointTensor> expected, TransformerFamily family, Func<string, bool> isIgnored)
    {
        var matched = new List<MatchedWeight>();
        var missing = new HashSet<string>(expected.Keys);
        var unexpected = new List<string>();
        var unusable = new List<string>();
        foreach (var entry in source.Entries)
        {
            var name = family.NameOf(entry);
            if (isIgnored(name))
            {
                continue;
            }

            if (!expected.TryGetValue(name, out var target) || !missing.Remove(name))
            {
                unexpected.Add(Label(source, entry));
            }
            else if (!entry.Shape.SequenceEqual(target.StoredShape))
            {
                unusable.Add($"{Label(source, entry)} is [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", target.StoredShape)}]");
            }
            else if (!SingleConversion.Converts(entry.Type))
            {
                unusable.Add($"{Label(source, entry)} is of type {entry.Type}, expected F64, F32, F16 or BF16");
            }
            else
            {
                matched.Add(new MatchedWeight(entry, target));
            }
        }

        if (missing.Count + unexpected.Count + unusable.Count > 0)
        {
            throw new InvalidDataException(string.Join(
                Environment.NewLine,
                new[]
                {
                    $"{source.Description} does not fit the network that its configuration describes.",
                    Line("Missing", missing.Order(StringComparer.Ordinal)),
                    Line("Unexpected", unexpected),
                    Line("Not usable", unusable),
                }.Where(line => line.Length > 0)));
        }

        return matched;
    }

    // One file is named once, for all of its tensors.
    private static string Label(IWeightSource source, SafetensorsEntry entry) =>
        source.FileOf(entry) == source.Description ? entry.Name : $"{entry.Name} in {source.FileOf(entry)}";

    private static string Line(string title, IEnumerable<string> items)
    {
        var joined = string.Join("; ", items);
        return joined.Length == 0 ? "" : $"{title}: {joined}.";
    }
}
