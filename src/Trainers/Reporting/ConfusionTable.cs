using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetLlm.Trainers;

/// <summary>Draws a confusion matrix: a row for each true class, a column for each predicted class.</summary>
public static class ConfusionTable
{
    private const double CellWidth = 120;
    private const double CellHeight = 64;
    private const double Left = 120;
    private const double Top = 84;

    /// <summary>Writes an SVG file.</summary>
    /// <param name="confusion">The matrix of a binary or multiclass evaluation; ML.NET puts the positive class first in a binary one.</param>
    /// <param name="classNames">Names of the classes in the matrix's order.</param>
    /// <param name="path">The file to write; its directory is created.</param>
    /// <exception cref="ArgumentException">There are not as many names as classes.</exception>
    public static void Save(ConfusionMatrix confusion, IReadOnlyList<string> classNames, string path)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        ArgumentNullException.ThrowIfNull(classNames);
        var classes = confusion.NumberOfClasses;
        if (classNames.Count != classes)
        {
            throw new ArgumentException($"The matrix has {classes} classes, but {classNames.Count} names were given.", nameof(classNames));
        }

        var canvas = new SvgCanvas(Left + classes * CellWidth + 24, Top + classes * CellHeight + 24, "Confusion table");
        canvas.Text(Left, 28, "Confusion table", size: 15, weight: "600");
        canvas.Text(Left, 50, "columns: predicted, rows: true class", size: 11);
        for (var row = 0; row < classes; row++)
        {
            var total = Enumerable.Range(0, classes).Sum(column => confusion.Counts[row][column]);
            canvas.Text(Left + (row + 0.5) * CellWidth, Top - 10, classNames[row], anchor: "middle", weight: "600");
            canvas.Text(Left - 12, Top + (row + 0.5) * CellHeight + 4, classNames[row], anchor: "end", weight: "600");
            for (var column = 0; column < classes; column++)
            {
                DrawCell(canvas, row, column, confusion.Counts[row][column], total);
            }
        }

        canvas.Save(path);
    }

    private static void DrawCell(SvgCanvas canvas, int row, int column, double count, double total)
    {
        var share = total > 0 ? count / total : 0;
        var fill = row == column ? Blend("#2b5fa8", share) : Blend("#c8553d", Math.Min(1, share * 4));
        var ink = share > 0.55 && row == column ? "#ffffff" : "#333333";
        var (x, y) = (Left + column * CellWidth, Top + row * CellHeight);
        canvas.Rectangle(x + 1, y + 1, CellWidth - 2, CellHeight - 2, fill);
        canvas.Text(x + CellWidth / 2, y + 30, count.ToString("0", CultureInfo.InvariantCulture), size: 17, anchor: "middle", fill: ink, weight: "600");
        canvas.Text(x + CellWidth / 2, y + 48, share.ToString("0.0 %", CultureInfo.InvariantCulture), size: 11, anchor: "middle", fill: ink);
    }

    /// <summary>A color between a very light grey and the given one.</summary>
    private static string Blend(string color, double share)
    {
        var channels = Enumerable.Range(0, 3).Select(channel =>
        {
            var full = int.Parse(color.AsSpan(1 + 2 * channel, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return (int)Math.Round(0xf4 + (full - 0xf4) * share);
        });
        return "#" + string.Concat(channels.Select(channel => channel.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
