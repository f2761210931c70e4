using System.CommandLine;
using ChatService.Load;
using Samples;
using Spectre.Console;

var model = new Option<string?>("--model") { Description = "The service's chat model. Default: the service's own.", HelpName = "DIR" };
var template = new Option<string?>("--template") { Description = "The model's template.", HelpName = "NAME" };
var spam = new Option<string?>("--spam") { Description = "The service's spam filter. Default: the service's own.", HelpName = "FILE" };
var minutes = new Option<double>("--minutes") { Description = "Length of the main phase.", HelpName = "N", DefaultValueFactory = _ => 2 };
var spamClients = new Option<int>("--spam-clients") { Description = "Clients that have messages judged.", HelpName = "N", DefaultValueFactory = _ => 64 };
var chats = new Option<int>("--chats") { Description = "Clients that chat, streaming.", HelpName = "N", DefaultValueFactory = _ => 16 };
var tokens = new Option<int>("--tokens") { Description = "Most new tokens of an answer.", HelpName = "N", DefaultValueFactory = _ => 64 };
var output = new Option<string>("--output") { Description = "JSON file with all figures.", HelpName = "FILE", DefaultValueFactory = _ => Path.Combine("out", "load", "load.json") };

var root = new RootCommand("Starts the chat service on this machine, puts load on it, and measures: latency, throughput, errors, memory.")
{
    model, template, spam, minutes, spamClients, chats, tokens, output,
};
root.SetAction((arguments, cancellation) => Shell.RunAsync(async console =>
{
    var settings = new LoadSettings(
        TimeSpan.FromMinutes(arguments.GetValue(minutes)), arguments.GetValue(spamClients), arguments.GetValue(chats), arguments.GetValue(tokens));
    settings.Validate();
    var given = new Dictionary<string, string?>
    {
        ["--model"] = arguments.GetValue(model),
        ["--template"] = arguments.GetValue(template),
        ["--spam"] = arguments.GetValue(spam),
    };
    console.WriteLine("Starting the service ...");
    await using var service = await ServiceProcess.StartAsync(
        [.. given.Where(option => option.Value is not null).SelectMany(option => new[] { option.Key, option.Value! })], settings, cancellation);
    var report = await new LoadRun(service, settings, console).RunAsync(cancellation);
    ReportTable.Show(console, report);
    MetricsFile.Write(arguments.GetRequiredValue(output), report);
    console.WriteLine($"All figures: {arguments.GetRequiredValue(output)}");
}));
return await root.Parse(args).InvokeAsync();
