using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>Marks a setting that does not change what a run computes, so that a resumed run may have another value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MayDifferOnResumeAttribute : Attribute;

/// <summary>What makes a run the one it is: every setting that bears on the result, its tokenizer, its data and its first weights, by name.</summary>
internal sealed class RunIdentity
{
    private const string None = "none";

    private readonly SortedDictionary<string, string> values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Values => values;

    public void Add(string name, object? value) => values[name] = value switch
    {
        null => None,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? None,
    };

    /// <summary>
    /// Adds every property of simple type of an options record, and those of the records in it; not those marked with
    /// <see cref="MayDifferOnResumeAttribute"/>, and nothing that is code or data.
    /// </summary>
    public void AddOptions(object options) => AddOptions(options, prefix: "");

    public void AddTokenizer(TextTokenizer tokenizer)
    {
        using var content = new MemoryStream();
        tokenizer.Write(content);
        Add("tokenizer", $"{tokenizer.VocabularySize} entries, {Short(SHA256.HashData(content.ToArray()))}");
    }

    /// <summary>Adds the number and a digest of texts.</summary>
    public void AddContent(string name, IEnumerable<string> texts) => AddContent(name, texts.Select(Encoding.UTF8.GetBytes));

    /// <summary>Adds the number and a digest of rows of token ids.</summary>
    public void AddContent(string name, IEnumerable<int[]> rows) => AddContent(name, rows.Select(row => MemoryMarshal.AsBytes(row.AsSpan()).ToArray()));

    /// <summary>Adds a digest of the weights as they are now.</summary>
    public void AddWeights(string name, torch.nn.Module network)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var noGradient = torch.no_grad();
        foreach (var parameter in network.parameters())
        {
            using var near = parameter.cpu();
            using var ordered = near.contiguous();
            digest.AppendData(ordered.bytes);
        }

        Add(name, Short(digest.GetHashAndReset()));
    }

    /// <summary>A line for each value that is not the other's.</summary>
    public IReadOnlyList<string> DifferencesFrom(IReadOnlyDictionary<string, string> other) => values.Keys.Union(other.Keys).Order(StringComparer.Ordinal)
        .Where(name => ValueOf(values, name) != ValueOf(other, name))
        .Select(name => $"{name}: {ValueOf(other, name)} in the run on disk, {ValueOf(values, name)} now")
        .ToList();

    private static string ValueOf(IReadOnlyDictionary<string, string> of, string name) => of.TryGetValue(name, out var value) ? value : None;

    private void AddContent(string name, IEnumerable<byte[]> items)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0L;
        foreach (var item in items)
        {
            // The length too, or two texts could be one.
            digest.AppendData(BitConverter.GetBytes(item.Length));
            digest.AppendData(item);
            count++;
        }

        Add(name, $"{count} rows, {Short(digest.GetHashAndReset())}");
    }

    private void AddOptions(object options, string prefix)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // How the training runs is added by the loop, for every trainer.
            if (property.PropertyType == typeof(TrainingOptions) || property.GetIndexParameters().Length > 0 || property.IsDefined(typeof(MayDifferOnResumeAttribute)))
            {
                continue;
            }

            var (name, type) = (prefix + property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan))
            {
                Add(name, property.GetValue(options));
            }
            else if (IsRecord(type) && property.GetValue(options) is { } nested)
            {
                AddOptions(nested, $"{name}.");
            }
            else if (typeof(IEnumerable<string>).IsAssignableFrom(type) || typeof(IEnumerable<int>).IsAssignableFrom(type))
            {
                Add(name, property.GetValue(options) is IEnumerable items ? string.Join(", ", items.Cast<object>()) : null);
            }
        }
    }

    // The compiler gives every record class a method of this name, and no other class can have one.
    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static string Short(byte[] digest) => Convert.ToHexStringLower(digest)[..16];
}
