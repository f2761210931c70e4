using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>Draws what a training run did: for every stage the loss of each step, its smoothed course and the validation losses.</summary>
public static class TrainingCurves
{
    private const double PanelWidth = 460;
    private const double PanelHeight = 320;
    private const double Left = 56;
    private const double Right = 20;
    private const double Top = 56;
    private const double Bottom = 44;
    private const string StepColor = "#c6d4e8";
    private const string SmoothedColor = "#2b5fa8";
    private const string ValidationColor = "#c8553d";
    private const string GridColor = "#e6e6e6";

    /// <summary>Writes an SVG file with one panel a stage, in the order the stages began.</summary>
    /// <param name="reports">The reports of the runs, oldest first.</param>
    /// <param name="path">The file to write; its directory is created.</param>
    /// <exception cref="ArgumentException">There are no reports.</exception>
    public static void Save(IReadOnlyList<TrainingProgress> reports, string path)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var stages = reports.GroupBy(report => report.Stage).ToList();
        if (stages.Count == 0)
        {
            throw new ArgumentException("There are no training reports to draw.", nameof(reports));
        }

        var canvas = new SvgCanvas(PanelWidth * stages.Count, PanelHeight, "Training and validation loss");
        for (var panel = 0; panel < stages.Count; panel++)
        {
            DrawStage(canvas, panel * PanelWidth, stages[panel].ToList());
        }

        canvas.Save(path);
    }

    private static void DrawStage(SvgCanvas canvas, double offset, IReadOnlyList<TrainingProgress> reports)
    {
        var steps = Latest(reports.Where(report => report.ValidationLoss is null && double.IsFinite(report.Loss)));
        var validations = Latest(reports.Where(report => report.ValidationLoss is { } loss && double.IsFinite(loss)));
        if (steps.Count + validations.Count == 0)
        {
            canvas.Text(offset + Left, 24, $"{reports[0].Stage}: no loss was a number", size: 15, weight: "600");
            return;
        }

        var losses = steps.Select(report => report.Loss).Concat(validations.Select(report => report.ValidationLoss!.Value)).ToList();
        var (lowest, highest, tick) = Axis(losses.Min(), losses.Max());
        var lastStep = Math.Max(1, reports.Max(report => report.Step));

        double X(long step) => offset + Left + step / (double)lastStep * (PanelWidth - Left - Right);
        double Y(double loss) => Top + (highest - loss) / (highest - lowest) * (PanelHeight - Top - Bottom);

        canvas.Text(offset + Left, 24, reports[0].Stage, size: 15, weight: "600");
        DrawLegend(canvas, offset + Left, steps.Count > 0, validations);
        for (var loss = lowest; loss <= highest + tick / 2; loss += tick)
        {
            canvas.Line(offset + Left, Y(loss), offset + PanelWidth - Right, Y(loss), GridColor);
            canvas.Text(offset + Left - 8, Y(loss) + 4, loss.ToString("0.###", CultureInfo.InvariantCulture), size: 11, anchor: "end");
        }

        foreach (var step in new[] { 0, lastStep / 2, lastStep })
        {
            canvas.Text(X(step), PanelHeight - Bottom + 18, step.ToString(CultureInfo.InvariantCulture), size: 11, anchor: "middle");
        }

        canvas.Text(offset + (Left + PanelWidth - Right) / 2, PanelHeight - 8, "step", size: 11, anchor: "middle");
        canvas.Curve(Thinned(steps.Select(report => (X(report.Step), Y(report.Loss)))), StepColor, width: 1);
        canvas.Curve(Thinned(steps.Select(report => (X(report.Step), Y(report.SmoothedLoss)))), SmoothedColor, width: 2);
        canvas.Curve(validations.Select(report => (X(report.Step), Y(report.ValidationLoss!.Value))), ValidationColor, width: 1.5);
        foreach (var report in validations)
        {
            canvas.Circle(X(report.Step), Y(report.ValidationLoss!.Value), 3.5, ValidationColor);
        }
    }

    // A run that was resumed from a checkpoint has reported some steps twice.
    private static List<TrainingProgress> Latest(IEnumerable<TrainingProgress> reports) =>
        reports.GroupBy(report => report.Step).Select(step => step.Last()).OrderBy(report => report.Step).ToList();

    // Of many points above one pixel the lowest and the highest look as all of them do.
    private static IEnumerable<(double X, double Y)> Thinned(IEnumerable<(double X, double Y)> points) => points
        .GroupBy(point => Math.Floor(point.X))
        .Select(pixel => pixel.ToArray())
        .SelectMany(pixel => pixel.Length <= 2
            ? pixel
            : [.. new[] { pixel.MinBy(point => point.Y), pixel.MaxBy(point => point.Y) }.OrderBy(point => point.X)]);

    private static void DrawLegend(SvgCanvas canvas, double left, bool hasSteps, IReadOnlyList<TrainingProgress> validations)
    {
        if (hasSteps)
        {
            canvas.Rectangle(left, 36, 10, 4, SmoothedColor);
            canvas.Text(left + 15, 42, "training loss (nats)", size: 11);
        }

        if (validations.Count > 0)
        {
            var best = validations.MinBy(report => report.ValidationLoss)!;
            canvas.Circle(left + 150, 38, 3.5, ValidationColor);
            canvas.Text(left + 160, 42, string.Create(
                CultureInfo.InvariantCulture, $"validation, best {best.ValidationLoss:0.0000} in epoch {best.Epoch}"), size: 11);
        }
    }

    private static (double Lowest, double Highest, double Tick) Axis(double minimum, double maximum)
    {
        var span = Math.Max(maximum - minimum, 1e-3);
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(span / 4)));
        var tick = new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * magnitude).First(size => span / size <= 5);
        var lowest = Math.Floor(minimum / tick) * tick;
        return (lowest, Math.Max(Math.Ceiling(maximum / tick) * tick, lowest + tick), tick);
    }
}
