using System.Globalization;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How often each true class (row) was taken for each class (column).</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _names;
    private readonly bool _isBinary;

    internal ConfusionMatrix(double[][] counts, string[] names, bool isBinary)
    {
        Counts = counts;
        _names = names;
        _isBinary = isBinary;
        PerClassRecall = counts.Select((row, i) => Ratio(row[i], row.Sum())).ToArray();
        PerClassPrecision = counts.Select((row, i) => Ratio(row[i], counts.Sum(other => other[i]))).ToArray();
    }

    public IReadOnlyList<double> PerClassPrecision { get; }
    public IReadOnlyList<double> PerClassRecall { get; }
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }
    public int NumberOfClasses => Counts.Count;

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckIndex(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckIndex(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    public string GetFormattedConfusionTable()
    {
        const int predictedWidth = 9;
        int cell = NumberOfClasses == 2 ? 8 : 5;
        int longest = _names.Max(name => name.Length);
        int digits = (NumberOfClasses - 1).ToString(CultureInfo.InvariantCulture).Length;
        // Names that do not fit above a column are replaced there by their numbers, which then stand in the rows too.
        bool numbered = longest > cell;
        int width = Math.Max(predictedWidth, longest + (numbered ? digits + 2 : 0));
        string pad = new(' ', width - predictedWidth);
        string rule = string.Concat(Enumerable.Repeat(NumberOfClasses > 2 ? "========" : "===========", NumberOfClasses));
        var table = new StringBuilder();
        if (_isBinary && NumberOfClasses == 2)
        {
            double positive = Counts[0].Sum();
            double negative = Counts[1].Sum();
            table.Append(CultureInfo.CurrentCulture,
                $"TEST {_names[0].ToUpper()} RATIO:\t{positive / (positive + negative):N4} ({positive:F1}/({positive:F1}+{negative:F1}))");
        }
        table.AppendLine().AppendLine("Confusion table");
        table.Append("          ").Append(pad).Append("||").AppendLine(rule);
        table.Append("PREDICTED ").Append(pad).Append("||");
        for (int i = 0; i < NumberOfClasses; i++)
            table.Append(' ').Append((numbered ? i.ToString(CultureInfo.InvariantCulture) : _names[i]).PadLeft(cell)).Append(" |");
        table.AppendLine(" Recall");
        table.Append("TRUTH     ").Append(pad).Append("||").AppendLine(rule);
        for (int i = 0; i < NumberOfClasses; i++)
        {
            table.Append(numbered ? $"{i.ToString(CultureInfo.InvariantCulture).PadLeft(digits)}. {_names[i].PadLeft(width - digits - 2)}" : _names[i].PadLeft(width));
            table.Append(" ||");
            foreach (double count in Counts[i])
                table.Append(' ').Append(count.ToString("N0", CultureInfo.CurrentCulture).PadLeft(cell)).Append(" |");
            table.Append(CultureInfo.CurrentCulture, $" {PerClassRecall[i],5:F4}").AppendLine();
        }
        table.Append("          ").Append(pad).Append("||").AppendLine(rule);
        table.Append("Precision ").Append(pad).Append("||");
        foreach (double precision in PerClassPrecision)
            table.Append(precision.ToString("N4", CultureInfo.CurrentCulture).PadLeft(cell + 1)).Append(" |");
        return table.AppendLine().ToString();
    }

    private void CheckIndex(int index, string parameter) =>
        Contracts.CheckParam(null, index >= 0 && index < NumberOfClasses, parameter, "Invalid index. Should be non-negative, less than the number of classes.");

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
