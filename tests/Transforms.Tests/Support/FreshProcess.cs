using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

/// <summary>
/// A process that knows ML.NET only: it loads a model zip, puts texts through it and writes a column. It is this test
/// assembly, started by itself.
/// </summary>
internal static class FreshProcess
{
    public static IReadOnlyList<string> Run(string zip, string column, params string[] texts)
    {
        string textFile = zip + ".texts";
        File.WriteAllLines(textFile, texts);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FreshProcess).Assembly.Location, zip, column, textFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r')).ToList()
            : throw new InvalidOperationException($"The fresh process failed: {errors.Result}");
    }

    public static string Format(IEnumerable<float> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static void Main(string[] arguments)
    {
        var ml = new MLContext();
        ITransformer model = ml.Model.Load(arguments[0], out _);
        IDataView texts = ml.Data.LoadFromEnumerable(File.ReadAllLines(arguments[2]).Select(text => new TextOnly { Text = text }));
        IDataView output = model.Transform(texts);
        IEnumerable<string> lines = output.Schema[arguments[1]].Type switch
        {
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Int32 => output.Vectors<int>(arguments[1]).Select(ids => string.Join(' ', ids)),
            VectorDataViewType => output.Vectors<float>(arguments[1]).Select(Format),
            TextDataViewType => output.Strings(arguments[1]),
            _ => output.Column<float>(arguments[1]).Select(value => Format([value])),
        };
        foreach (string line in lines)
            Console.WriteLine(line);
    }
}
