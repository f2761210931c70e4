using System.CommandLine;
using Pretraining;
using Samples;

var data = new Option<string?>("--data") { Description = "Text file to learn from. Default: Tiny Shakespeare from $MLNETLLM_DATA or the network.", HelpName = "FILE" };
var output = new Option<string>("--output") { Description = "Directory for everything the run writes.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("out", "pretraining") };
var recipe = new Option<string>("--recipe") { Description = "The published settings for learning characters on a processor, or our own best ones for the same time.", HelpName = string.Join('|', Recipe.Names), DefaultValueFactory = _ => Recipe.Best.Name };
recipe.AcceptOnlyFromAmong(Recipe.Names);
var vocabulary = new Option<int?>("--vocabulary") { Description = "Entries of the vocabulary: byte pairs are learned up to that many; 256 are single bytes. Default: the recipe's, characters where it is the published one.", HelpName = "N" };
var steps = new Option<long?>("--steps") { Description = "Optimizer steps. Default: the recipe's.", HelpName = "N" };
var learningRate = new Option<double?>("--learning-rate") { Description = "Peak learning rate. Default: the recipe's.", HelpName = "X" };
var seed = new Option<int>("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 1 };
var resume = new Option<bool>("--resume") { Description = "Goes on with the interrupted run in the output directory." };
var prompt = new Option<string>("--prompt") { Description = "How the text begins that the model writes at the end.", HelpName = "TEXT", DefaultValueFactory = _ => "\n" };
var device = new Option<string>("--device") { Description = "Where to train.", HelpName = "auto|cpu|cuda", DefaultValueFactory = _ => "auto" };
device.AcceptOnlyFromAmong("auto", "cpu", "cuda");

var root = new RootCommand("Pretrains a small language model on a text: tokenizer, transformer, curves, and a continuation.")
{
    data, output, recipe, vocabulary, steps, learningRate, seed, resume, prompt, device,
};
root.SetAction((arguments, cancellation) => Shell.RunAsync(console => new Demo(
    new DemoSettings(
        arguments.GetValue(data),
        new OutputFiles(arguments.GetRequiredValue(output)),
        Recipe.Of(arguments.GetRequiredValue(recipe)),
        arguments.GetValue(vocabulary),
        arguments.GetValue(steps),
        arguments.GetValue(learningRate),
        arguments.GetValue(seed),
        arguments.GetValue(resume),
        arguments.GetRequiredValue(prompt),
        arguments.GetRequiredValue(device)),
    DataFinder.ForUser(),
    console).RunAsync(cancellation)));

// A cancelled training still writes its checkpoint; the default of two seconds may be too short for that.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
