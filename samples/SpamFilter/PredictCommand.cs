using System.Globalization;
using Microsoft.ML;
using Samples;
using Spectre.Console;

namespace SpamFilter;

/// <summary>
/// <c>predict</c>: what a service does with the file. It knows nothing of how the filter was made, and registers nothing.
/// </summary>
internal static class PredictCommand
{
    /// <summary>Messages to try the filter on; none of them is in any data set.</summary>
    public static IReadOnlyList<string> Examples { get; } =
    [
        "Your number was drawn in our weekly draw! To claim your 500 pound voucher call 09098790001 now. Calls cost 150p per min",
        "hey are u still coming over 2nite? mum made lasagne",
        "URGENT! Your mobile No was awarded a free camera phone. Text WIN to 87021 to claim. T&C apply, 16+",
        "I won the bet, you owe me a free lunch :)",
        "Sorry, in a meeting, will call you later",
    ];

    public static void Run(string modelFile, IReadOnlyList<string> texts, IAnsiConsole console)
    {
        var ml = new MLContext();
        var filter = SavedModel.Load(ml, modelFile);

        // The engine owns the filter and disposes it.
        using var engine = ml.Model.CreatePredictionEngine<Message, Verdict>(filter);
        var verdicts = texts.Select(text => (Text: text, Verdict: engine.Predict(new Message { Text = text }))).ToList();
        if (Console.IsOutputRedirected)
        {
            WriteLines(verdicts, console.Profile.Out.Writer);
        }
        else
        {
            console.Write(Table(verdicts));
        }
    }

    private static Table Table(IEnumerable<(string Text, Verdict Verdict)> verdicts)
    {
        var table = new Table().RoundedBorder().AddColumns("message", "verdict").AddColumn(new TableColumn("probability of spam").RightAligned());
        foreach (var (text, verdict) in verdicts)
        {
            var name = verdict.PredictedLabel ? "[red]spam[/]" : "[green]ham[/]";
            table.AddRow(Markup.Escape(text), name, string.Create(CultureInfo.InvariantCulture, $"{verdict.Probability:0.0000}"));
        }

        return table;
    }

    /// <summary>For programs that read the output: verdict, probability and message, with tabs between.</summary>
    private static void WriteLines(IEnumerable<(string Text, Verdict Verdict)> verdicts, TextWriter output)
    {
        foreach (var (text, verdict) in verdicts)
        {
            var name = verdict.PredictedLabel ? "spam" : "ham";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{verdict.Probability:0.000000}\t{text.ReplaceLineEndings(" ")}"));
        }
    }
}
