using System.Globalization;
using MLNetLlm.Trainers;
using Samples;
using Spectre.Console;

namespace InstructionTuning;

/// <summary>What the demonstration tells its user, apart from the training's progress.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    private readonly RunScreen run = new(console);

    public void ShowTitle(string title) => run.ShowTitle(title);

    public void ShowData(FoundData source, InstructionSplit split)
    {
        run.ShowSource("Instructions", source, "These are the few instructions");
        console.WriteLine(
            $"{Number(split.Training.Count)} to train on, {Number(split.Validation.Count)} to validate, {Number(split.Test.Count)} to test; "
            + $"{split.DuplicatesRemoved} occurred before and were removed.");
        ShowTitle("Training");
    }

    public void ShowExamples(IReadOnlyList<InstructionRow> rows, IReadOnlyList<string> before, InstructionMetrics metrics)
    {
        var table = new Table().RoundedBorder().ShowRowSeparators().AddColumns("instruction", "before", "after", "reference");
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var asked = row.Input.Length == 0 ? row.Instruction : $"{row.Instruction}\n{row.Input}";
            table.AddRow(new Text(asked), new Text(Shortened(before[index])), new Text(Shortened(metrics.Responses[index].Response)), new Text(row.Output));
        }

        console.Write(table);
    }

    public void ShowMetrics(InstructionMetrics metrics) => console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{metrics.Responses.Count} test instructions: response loss {metrics.ResponseLoss:0.000} (perplexity {metrics.ResponsePerplexity:0.0}), exact match {100 * metrics.ExactMatch:0.0} %, token F1 {metrics.TokenF1:0.000}"));

    public void ShowFiles(OutputFiles output) => run.ShowFiles(
        output.Directory,
        (output.Model, "the tuned model: ml.Model.Load reads it, and the command 'chat' talks with it"),
        (output.TuningRun, "in it, model: the same as config.json, model.safetensors and tokenizer files"),
        (output.PretrainingRun, "in it, model: the base model"),
        (output.Responses, "every test response beside its reference"),
        (output.Metrics, "the figures of this run"),
        (output.TrainingLog, "a line for each training step"),
        (output.Curves, "training and validation loss"));

    private static string Shortened(string text) => text.Length > 160 ? text[..160] + "…" : text;

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
