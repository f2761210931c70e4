using System.Globalization;
using Samples;
using Spectre.Console;

namespace SpamFilter;

/// <summary>What the demonstration tells its user, apart from the training's progress.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    private readonly RunScreen run = new(console);

    public void ShowTitle(string title) => run.ShowTitle(title);

    public void ShowData(FoundData source, SmsSplit split)
    {
        run.ShowSource("Messages", source, "These are the few messages");
        var table = new Table().RoundedBorder().AddColumn("part");
        foreach (var column in new[] { "messages", "spam", "ham" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var (name, part) in new[] { ("training", split.Training), ("validation", split.Validation), ("test", split.Test) })
        {
            table.AddRow(name, Number(part.Count), Number(part.Count(message => message.Label)), Number(part.Count(message => !message.Label)));
        }

        table.AddRow("pretraining (no labels)", Number(split.Pretraining.Count), "", "");
        console.Write(table);
        console.WriteLine($"{split.DuplicatesRemoved} messages occurred before and were removed.");
        ShowTitle("Training");
    }

    public void ShowResults(RunReport report, NGramBaseline? baseline)
    {
        ShowTitle("Results on the test messages");
        var table = new Table().RoundedBorder().AddColumn("").AddColumn(new TableColumn("this filter").RightAligned());
        if (baseline is not null)
        {
            table.AddColumn(new TableColumn("n-grams (mean of 5 splits)").RightAligned());
        }

        void Row(string name, string value, string? compared = null) =>
            table.AddRow(baseline is null ? [name, value] : [name, value, compared ?? ""]);

        Row("accuracy", Percent(report.Accuracy), baseline is null ? null : Percent(baseline.Accuracy));
        Row("F1 of spam", Fraction(report.F1), baseline?.F1 is { } f1 ? Fraction(f1) : null);
        Row("precision", Percent(report.Precision));
        Row("recall", Percent(report.Recall));
        Row("area under ROC curve", Fraction(report.Auc));
        Row("spam found / missed", $"{report.Confusion.TruePositives} / {report.Confusion.FalseNegatives}");
        Row("ham passed / blocked", $"{report.Confusion.TrueNegatives} / {report.Confusion.FalsePositives}");
        console.Write(table);
        ShowSpeed(report);
    }

    public void ShowFiles(OutputFiles output) => run.ShowFiles(
        output.Directory,
        (output.Model, "the filter: ml.Model.Load reads it"),
        (output.Checkpoint, "the same filter as config.json, model.safetensors and tokenizer files"),
        (output.PretrainedCheckpoint, "the language model before fine-tuning"),
        (output.Metrics, "every figure of this run"),
        (output.TrainingLog, "a line for each training step"),
        (output.Curves, "training and validation loss"),
        (output.Confusion, "confusion table"));

    private void ShowSpeed(RunReport report)
    {
        var stages = string.Join(", ", report.SecondsPerStage.Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Key} {stage.Value:0.0} s")));
        var speed = report.Speed;
        console.WriteLine($"{Number(report.Parameters)} parameters, {report.Device}, {report.ComputePrecision}, {Number(report.TokensPerSecond)} training tokens/s, {Number(report.PeakMemoryMegabytes)} MB at the peak");
        console.WriteLine(stages);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Transform: {speed.BulkRowsPerSecond:#,0} rows/s in bulk, {speed.OneRowCallsPerSecond:#,0} in one-row calls ({speed.BulkAdvantage:0}x); PredictionEngine: {speed.PredictionEngineMedianMilliseconds:0.00} ms a call (median)"));
    }

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("0.00 %", CultureInfo.InvariantCulture);

    private static string Fraction(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}

/// <summary>
/// What ML.NET's bag-of-n-grams pipeline (word bigrams and character trigrams, averaged perceptron) reaches on the
/// deduplicated collection, split in the same proportions.
/// </summary>
internal sealed record NGramBaseline(double Accuracy, double? F1)
{
    /// <summary>Known for the public collection alone.</summary>
    public static NGramBaseline? For(FoundData data, SplitKind split) =>
        !SmsData.Collection.Matches(File.ReadAllBytes(data.Path)) ? null : split == SplitKind.All ? new(0.9847, 0.937) : new(0.9534, null);
}
