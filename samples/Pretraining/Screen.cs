using System.Globalization;
using Spectre.Console;

namespace Pretraining;

/// <summary>What the demonstration tells its user, apart from the training's progress.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    public void ShowTitle(string title)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{title}[/]");
    }

    public void ShowData(TextSource source, TextSplit split, Recipe recipe)
    {
        ShowTitle($"Text: {source.Path}");
        foreach (var note in source.Notes)
        {
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
        }

        if (source.IsShipped)
        {
            console.MarkupLine("[yellow]This is the short text shipped with this sample: the run shows how everything works, but its results mean little.[/]");
        }

        console.WriteLine($"{Number(split.TrainingCharacters)} characters to learn from, the last {Number(split.ValidationCharacters)} to validate.");
        ShowTitle($"Training, recipe '{recipe.Name}'");
    }

    public void ShowResults(RunReport report)
    {
        var table = new Table().RoundedBorder().HideHeaders().AddColumns("", "");
        table.AddRow("validation loss, nats a character", Fraction(report.ValidationLossPerCharacter));
        table.AddRow("bits a byte, with overlapping windows", Fraction(report.BitsPerByte));
        table.AddRow("characters a token", Fraction(report.CharactersPerToken));
        table.AddRow("parameters", Number(report.Parameters));
        table.AddRow("training", string.Create(CultureInfo.InvariantCulture, $"{Number(report.Steps)} steps, {report.Seconds:0.0} s, {Number(report.TokensPerSecond)} tokens/s, {report.Device}, {report.ComputePrecision}"));
        console.Write(table);
    }

    public void ShowFiles(OutputFiles output)
    {
        ShowTitle($"Files in {output.Directory}");
        foreach (var (path, content) in new[]
        {
            (output.Model, "the language model: ml.Model.Load reads it"),
            (output.Checkpoint, "the same as config.json, model.safetensors and tokenizer files"),
            (output.Run, "checkpoints of the run; an interrupted one goes on with --resume"),
            (output.Metrics, "the figures of this run"),
            (output.Continuation, "what the model wrote"),
            (output.TrainingLog, "a line for each training step"),
            (output.TensorBoard, "the same for TensorBoard: tensorboard --logdir"),
            (output.Curves, "training and validation loss"),
        })
        {
            console.WriteLine($"  {Path.GetRelativePath(output.Directory, path),-20}{content}");
        }
    }

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Fraction(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
