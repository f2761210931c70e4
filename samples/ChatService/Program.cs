using System.CommandLine;
using ChatService;
using MLNetLlm.Services;
using Samples;
using Spectre.Console;

var model = new Option<string?>("--model") { Description = "Chat model: checkpoint directory, name on the Hub, or instruct.zip. Default: out/instructions, trained first where it is missing.", HelpName = "DIR" };
var template = new Option<string?>("--template") { Description = "How conversations are written for the model.", HelpName = string.Join('|', Templates.Names) };
template.AcceptOnlyFromAmong(Templates.Names);
var name = new Option<string?>("--name") { Description = "What requests call the model. Default: local.", HelpName = "NAME" };
var spam = new Option<string?>("--spam") { Description = "Zip of the spam filter. Default: out/spam-filter, trained first where it is missing.", HelpName = "FILE" };
var urls = new Option<string?>("--urls") { Description = $"Where to listen. Default: {LoopbackRule.DefaultUrl}.", HelpName = "URLS" };

var root = new RootCommand("Serves a spam filter and a chat model: POST /api/spam, OpenAI's API under /v1, and a page at /. More settings: appsettings.json.")
{
    model, template, name, spam, urls,
};
root.SetAction((arguments, _) => Shell.RunAsync(async console =>
{
    var given = new Dictionary<string, string?>
    {
        [$"{ServiceSettings.Section}:{nameof(ServiceSettings.Model)}"] = arguments.GetValue(model),
        [$"{ServiceSettings.LanguageModelSection}:{nameof(LanguageModelOptions.Template)}"] = arguments.GetValue(template),
        [$"{ServiceSettings.LanguageModelSection}:{nameof(LanguageModelOptions.ModelId)}"] = arguments.GetValue(name),
        [$"{ServiceSettings.Section}:{nameof(ServiceSettings.SpamModel)}"] = arguments.GetValue(spam),
        [WebHostDefaults.ServerUrlsKey] = arguments.GetValue(urls),
    };
    var builder = ServiceHost.CreateBuilder(given.Where(setting => setting.Value is not null).ToDictionary());
    var settings = ServiceHost.SettingsOf(builder);
    settings.SpamModel ??= await DefaultModels.SpamFilterAsync();
    settings.Model ??= await DefaultModels.ChatModelAsync();
    await using var app = ServiceHost.Build(builder, settings);
    await app.StartAsync(CancellationToken.None);
    foreach (var address in app.Urls)
    {
        console.WriteLine($"Ready: {address}/");
    }

    await app.WaitForShutdownAsync(CancellationToken.None);
}));

// Once the service runs, its host answers Ctrl+C and SIGTERM itself, and needs its time for that.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
