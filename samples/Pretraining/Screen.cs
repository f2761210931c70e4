using System.Globalization;
using Samples;
using Spectre.Console;

namespace Pretraining;

/// <summary>What the demonstration tells its user, apart from the training's progress.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    private readonly RunScreen run = new(console);

    public void ShowTitle(string title) => run.ShowTitle(title);

    public void ShowData(FoundData source, TextSplit split, Recipe recipe)
    {
        run.ShowSource("Text", source, "This is the short text");
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

    public void ShowFiles(OutputFiles output) => run.ShowFiles(
        output.Directory,
        (output.Model, "the language model: ml.Model.Load reads it"),
        (output.Checkpoint, "the same as config.json, model.safetensors and tokenizer files"),
        (output.Run, "checkpoints of the run; an interrupted one goes on with --resume"),
        (output.Metrics, "the figures of this run"),
        (output.Continuation, "what the model wrote"),
        (output.TrainingLog, "a line for each training step"),
        (output.TensorBoard, "the same for TensorBoard: tensorboard --logdir"),
        (output.Curves, "training and validation loss"));

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Fraction(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
