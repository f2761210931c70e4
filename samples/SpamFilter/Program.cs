using System.CommandLine;
using Samples;
using SpamFilter;

var data = new Option<string?>("--data") { Description = "File of lines 'label TAB text'. Default: the SMS Spam Collection from $MLNETLLM_DATA or the network.", HelpName = "FILE" };
var output = new Option<string>("--output") { Description = "Directory for everything the run writes.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("out", "spam-filter") };
var split = new Option<SplitKind>("--split") { Description = "All messages, or as many ham as spam.", HelpName = "all|balanced" };
split.AcceptOnlyFromAmong("all", "balanced");
var seed = new Option<int>("--seed") { Description = "Seed of the split and of everything random in training.", HelpName = "N", DefaultValueFactory = _ => 1 };
var epochs = new Option<int?>("--epochs") { Description = "Epochs of fine-tuning. Default: the recipe's.", HelpName = "N" };
var device = new Option<string>("--device") { Description = "Where to train.", HelpName = "auto|cpu|cuda", DefaultValueFactory = _ => "auto" };
device.AcceptOnlyFromAmong("auto", "cpu", "cuda");

var root = new RootCommand("Turns raw text messages into a spam filter: tokenizer, pretrained transformer, classifier, evaluation, spam.zip.")
{
    data, output, split, seed, epochs, device,
};
root.SetAction((arguments, cancellation) => Shell.RunAsync(console => new Demo(
    new DemoSettings(
        arguments.GetValue(data),
        new OutputFiles(arguments.GetRequiredValue(output)),
        arguments.GetValue(split),
        arguments.GetValue(seed),
        arguments.GetValue(epochs),
        arguments.GetRequiredValue(device)),
    DataFinder.ForUser(),
    console).RunAsync(cancellation)));

var model = new Option<string>("--model") { Description = "The saved filter.", HelpName = "FILE", Required = true };
var texts = new Argument<string[]>("texts") { Description = "Messages to judge. Default: a few examples.", Arity = ArgumentArity.ZeroOrMore };
var predict = new Command("predict", "Loads a saved filter and judges messages.") { model, texts };
predict.SetAction((arguments, _) => Shell.RunAsync(console =>
{
    var given = arguments.GetValue(texts);
    PredictCommand.Run(arguments.GetRequiredValue(model), given is { Length: > 0 } ? given : PredictCommand.Examples, console);
    return Task.CompletedTask;
}));
root.Subcommands.Add(predict);

// A cancelled training still writes its best model so far; the default of two seconds may be too short for that.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
