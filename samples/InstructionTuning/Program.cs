using System.CommandLine;
using InstructionTuning;
using MLNetLlm.Models;
using Samples;

var data = new Option<string?>("--data") { Description = "JSON file: an array of objects with 'instruction', 'input' and 'output'. Default: a public set from $MLNETLLM_DATA or the network.", HelpName = "FILE" };
var model = new Option<string?>("--model") { Description = "Checkpoint directory of the model to tune. Default: a small one, pretrained on the instructions' own text first.", HelpName = "DIR" };
var output = new Option<string>("--output") { Description = "Directory for everything the run writes.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("out", "instructions") };
var template = new Option<string>("--template") { Description = "How instructions are written for the model.", HelpName = string.Join('|', Templates.Names), DefaultValueFactory = _ => Templates.Names[0] };
template.AcceptOnlyFromAmong(Templates.Names);
var seed = new Option<int>("--seed") { Description = "Seed of the split and of everything random in training.", HelpName = "N", DefaultValueFactory = _ => 1 };
var epochs = new Option<int?>("--epochs") { Description = "Epochs of instruction tuning. Default: the recipe's.", HelpName = "N" };
var device = new Option<string>("--device") { Description = "Where to train.", HelpName = "auto|cpu|cuda", DefaultValueFactory = _ => "auto" };
device.AcceptOnlyFromAmong("auto", "cpu", "cuda");
var chat = new Option<bool>("--chat") { Description = "Opens a chat with the tuned model afterwards." };

var root = new RootCommand("Teaches a small language model to answer instructions: pretraining, instruction tuning, evaluation, instruct.zip.")
{
    data, model, output, template, seed, epochs, device, chat,
};
root.SetAction((arguments, cancellation) => Shell.RunAsync(console => new Demo(
    new DemoSettings(
        arguments.GetValue(data),
        arguments.GetValue(model),
        new OutputFiles(arguments.GetRequiredValue(output)),
        Templates.Of(arguments.GetRequiredValue(template)),
        arguments.GetValue(seed),
        arguments.GetValue(epochs),
        arguments.GetRequiredValue(device),
        arguments.GetValue(chat)),
    DataFinder.ForUser(),
    console).RunAsync(cancellation)));

var saved = new Option<string>("--model") { Description = "The saved model, instruct.zip.", HelpName = "FILE", Required = true };
var system = new Option<string?>("--system") { Description = "How the assistant is to behave.", HelpName = "TEXT" };
var talk = new Command("chat", "Opens a chat with a saved model.") { saved, system };
talk.SetAction((arguments, cancellation) => Shell.RunAsync(
    console => ChatCommand.RunAsync(arguments.GetRequiredValue(saved), arguments.GetValue(system), console, cancellation)));
root.Subcommands.Add(talk);

// A cancelled training still writes its best model so far; the default of two seconds may be too short for that.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
