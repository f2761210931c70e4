using System.CommandLine;
using System.Text.Json;
using MLNetLlm.Benchmarks;
using MLNetLlm.Models;
using Spectre.Console;

if (args is [LoadingBenchmark.ChildCommand, var checkpoint])
{
    return LoadingBenchmark.RunChild(checkpoint);
}

if (args is [TrainingBenchmark.ChildCommand, var workload, var precision, var directory, var recomputes])
{
    return TrainingBenchmark.RunChild(workload, precision, directory, bool.Parse(recomputes));
}

Precision[] precisions = [Precision.BFloat16, Precision.Float32];
PeerEnvironment[] environments = [PeerEnvironment.Default, PeerEnvironment.Tuned];
var benchmarks = new Dictionary<string, Func<int, IEnumerable<Measurement>>>
{
    ["training"] = rounds => TrainingBenchmark.Run(TrainingBenchmark.OnTheProcessor, precisions, rounds, environments),
    ["generation"] = GenerationBenchmark.Run,
    ["loading"] = LoadingBenchmark.Run,
    ["serving"] = _ => ServingBenchmark.Run(),
};
var parts = TrainingBenchmark.Parts.Keys;
var which = new Argument<string>("name") { Description = $"{string.Join(", ", benchmarks.Keys)} or all; of training also {string.Join(", ", parts)} alone", DefaultValueFactory = _ => "all" };
which.AcceptOnlyFromAmong([.. benchmarks.Keys, .. parts, "all"]);
var rounds = new Option<int>("--rounds") { Description = "Alternating rounds of ours and the peer's", DefaultValueFactory = _ => 3 };
var precisionOption = new Option<Precision?>("--precision") { Description = "Number type of the training benchmarks: BFloat16 or Float32; both if not given" };
var tunedOnly = new Option<bool>("--tuned-only") { Description = "Runs the peer of the training benchmarks only with the environment that this library sets; in its own it stalls where another program takes a core" };
var device = new Option<string>("--device") { Description = "Where the training and serving benchmarks compute: cpu or cuda", DefaultValueFactory = _ => BenchmarkDevice.Name };
var output = new Option<FileInfo>("--json") { Description = "Where the figures go as JSON", DefaultValueFactory = _ => new FileInfo("out/benchmarks.json") };
var command = new RootCommand("Measures this library, and plain PyTorch on the same libtorch beside it, in alternating rounds.") { which, rounds, precisionOption, tunedOnly, device, output };
command.SetAction(arguments =>
{
    var name = arguments.GetValue(which)!;
    BenchmarkDevice.Name = arguments.GetValue(device)!;
    precisions = arguments.GetValue(precisionOption) is { } only ? [only] : precisions;
    environments = arguments.GetValue(tunedOnly) ? [PeerEnvironment.Tuned] : environments;
    var count = arguments.GetValue(rounds);
    var results = TrainingBenchmark.Parts.TryGetValue(name, out var part)
        ? Told(TrainingBenchmark.Run(part, precisions, count, environments)).ToList()
        : benchmarks.Where(benchmark => name is "all" || name == benchmark.Key).SelectMany(benchmark => Told(benchmark.Value(count))).ToList();
    Print(results);
    Save(results, arguments.GetValue(output)!.FullName);
});
return command.Parse(args).Invoke();

// A long run shows what it has.
static IEnumerable<Measurement> Told(IEnumerable<Measurement> results) => results.Select(result =>
{
    AnsiConsole.WriteLine($"{result.Name}: {result.Ours:n1} {result.Unit}; PyTorch {result.Peer?.ToString("n1") ?? "-"}, tuned {result.TunedPeer?.ToString("n1") ?? "-"}");
    return result;
});

static void Print(IEnumerable<Measurement> results)
{
    var table = new Table().AddColumns("benchmark", "unit", "ours", "PyTorch", "ratio (range)", "PyTorch, tuned", "ratio (range)");
    foreach (var result in results)
    {
        table.AddRow(
            result.Name, result.Unit, result.Ours.ToString("n1"), result.Peer?.ToString("n1") ?? "-", Range(result.Ratios),
            result.TunedPeer?.ToString("n1") ?? "-", Range(result.TunedRatios));
    }

    AnsiConsole.Write(table);
    AnsiConsole.MarkupLineInterpolated($"Medians. PyTorch runs in its default environment; tuned, with {PeerEnvironment.Tuned}.");

    static string Range(IReadOnlyList<double> ratios) => ratios.Count == 0 ? "-" : $"{Measurement.Median(ratios):n2} ({ratios.Min():n2}-{ratios.Max():n2})";
}

static void Save(IReadOnlyList<Measurement> results, string path)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }));
    AnsiConsole.WriteLine($"written to {path}");
}
