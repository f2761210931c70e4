using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

namespace MLNetLlm.Trainers.Tests.Pretrained;

/// <summary>A process that knows ML.NET and a file: it loads a classifier's zip and says what it finds of each line of another.</summary>
internal static class FreshProcess
{
    public const string Command = "predict";

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Verdict
    {
        public float Score { get; set; }
    }

    public static IReadOnlyList<float> Scores(string zip, IReadOnlyList<string> texts)
    {
        var textFile = zip + ".texts";
        File.WriteAllLines(textFile, texts);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FreshProcess).Assembly.Location, Command, zip, textFile]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => float.Parse(line, CultureInfo.InvariantCulture)).ToArray();
    }

    public static void Run(string[] arguments)
    {
        var ml = new MLContext();
        using var engine = ml.Model.CreatePredictionEngine<Row, Verdict>(ml.Model.Load(arguments[0], out _));
        foreach (var text in File.ReadLines(arguments[1]))
        {
            Console.WriteLine(engine.Predict(new Row { Text = text }).Score.ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
