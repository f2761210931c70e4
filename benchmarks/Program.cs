using System.CommandLine;
using System.Text.Json;
using MLNetLlm.Benchmarks;
using Spectre.Console;

if (args is [LoadingBenchmark.ChildCommand, var checkpoint])
{
    return LoadingBenchmark.RunChild(checkpoint);
}

var benchmarks = new Dictionary<string, Func<int, IEnumerable<Measurement>>>
{
    ["pretraining"] = PretrainingBenchmark.Run,
    ["generation"] = GenerationBenchmark.Run,
    ["loading"] = LoadingBenchmark.Run,
    ["serving"] = _ => ServingBenchmark.Run(),
};
var which = new Argument<string>("name") { Description = $"{string.Join(", ", benchmarks.Keys)} or all", DefaultValueFactory = _ => "all" };
which.AcceptOnlyFromAmong([.. benchmarks.Keys, "all"]);
var rounds = new Option<int>("--rounds") { Description = "Alternating rounds of ours and the peer's", DefaultValueFactory = _ => 5 };
var output = new Option<FileInfo>("--json") { Description = "Where the figures go as JSON", DefaultValueFactory = _ => new FileInfo("out/benchmarks.json") };
var command = new RootCommand("Measures this library, and plain PyTorch on the same libtorch beside it, in alternating rounds.") { which, rounds, output };
command.SetAction(arguments =>
{
    var name = arguments.GetValue(which)!;
    var results = benchmarks
        .Where(benchmark => name is "all" || name == benchmark.Key)
        .SelectMany(benchmark => benchmark.Value(arguments.GetValue(rounds)))
        .ToList();
    Print(results);
    Save(results, arguments.GetValue(output)!.FullName);
});
return command.Parse(args).Invoke();

static void Print(IEnumerable<Measurement> results)
{
    var table = new Table().AddColumns("benchmark", "unit", "ours (median)", "PyTorch (median)", "ratio (median, range)");
    foreach (var result in results)
    {
        table.AddRow(
            result.Name,
            result.Unit,
            result.Ours.ToString("n1"),
            result.Peer?.ToString("n1") ?? "-",
            result.Ratios.Count == 0 ? "-" : $"{Measurement.Median(result.Ratios):n2} ({result.Ratios.Min():n2}-{result.Ratios.Max():n2})");
    }

    AnsiConsole.Write(table);
}

static void Save(IReadOnlyList<Measurement> results, string path)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }));
    AnsiConsole.WriteLine($"written to {path}");
}
