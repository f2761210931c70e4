using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>How much the rows of each class count in the loss, for classes of very different size.</summary>
public sealed class ClassWeights
{
    private readonly SortedDictionary<string, double>? weights;

    private ClassWeights(SortedDictionary<string, double>? weights) => this.weights = weights;

    /// <summary>Every class counts the same: a row counts inversely to the share of its class.</summary>
    public static ClassWeights Balanced { get; } = new(null);

    /// <summary>Weights by class; a class that is not named counts 1.</summary>
    /// <param name="weights">
    /// Finite numbers above 0, by the label's value as text; a Boolean label has <c>false</c> and <c>true</c>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A weight is out of its range.</exception>
    public static ClassWeights Of(IReadOnlyDictionary<string, double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (var (label, weight) in weights)
        {
            Setting.Positive(weight, $"ClassWeights['{label}']");
        }

        return new ClassWeights(new SortedDictionary<string, double>(weights.ToDictionary(), StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public override string ToString() => weights is null
        ? "balanced"
        : string.Join(", ", weights.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}: {pair.Value}")));

    /// <summary>A weight for each label.</summary>
    /// <exception cref="ArgumentException">A weight is given for a label that the data does not have.</exception>
    internal float[] For(IReadOnlyList<string> labels, IEnumerable<int> rows)
    {
        if (weights is null)
        {
            var counts = rows.CountBy(label => label).ToDictionary();
            return labels.Select((_, label) => counts.TryGetValue(label, out var count) ? counts.Values.Sum() / (float)(labels.Count * count) : 0f).ToArray();
        }

        return weights.Keys.Except(labels).FirstOrDefault() is { } unknown
            ? throw new ArgumentException($"ClassWeights names the class '{unknown}', but the label column has {string.Join(", ", labels)}.", nameof(ClassWeights))
            : labels.Select(label => (float)weights.GetValueOrDefault(label, 1)).ToArray();
    }
}
