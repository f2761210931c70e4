using System.CommandLine;
using Generate;
using MLNetLlm.Models;
using Samples;

var checkpoint = new Argument<string?>("checkpoint") { Description = "A checkpoint directory, or a model's name on the hub such as openai-community/gpt2.", HelpName = "DIR|NAME", Arity = ArgumentArity.ZeroOrOne };
var prompt = new Option<string?>("--prompt", "-p") { Description = "How the text begins, or what is asked. Default: what is piped in; with nothing, a new text.", HelpName = "TEXT" };
var chat = new Option<bool>("--chat") { Description = "A conversation, a line for each turn." };
var template = new Option<string?>("--template") { Description = "How the model was taught to see instructions; the prompt is answered rather than continued.", HelpName = string.Join('|', Templates.Names) };
template.AcceptOnlyFromAmong(Templates.Names);
var system = new Option<string?>("--system") { Description = "How the assistant is to behave, with --chat or --template.", HelpName = "TEXT" };
var maximumTokens = new Option<int>("--max-tokens", "-n") { Description = "Most tokens to write.", HelpName = "N", DefaultValueFactory = _ => 200 };
var temperature = new Option<double>("--temperature") { Description = "0 always takes the likeliest token; 1 draws by the model's probabilities.", HelpName = "X", DefaultValueFactory = _ => 0.8 };
var topK = new Option<int>("--top-k") { Description = "Draws only from so many of the likeliest tokens; 0 does not limit them.", HelpName = "N" };
var topP = new Option<double>("--top-p") { Description = "Draws only from the likeliest tokens that have this probability together.", HelpName = "X", DefaultValueFactory = _ => 0.95 };
var minP = new Option<double>("--min-p") { Description = "Draws only from tokens at least this share as probable as the likeliest.", HelpName = "X" };
var repetition = new Option<double>("--repetition-penalty") { Description = "Above 1, tokens that occurred are less likely.", HelpName = "X", DefaultValueFactory = _ => 1 };
var stop = new Option<string[]>("--stop") { Description = "A spelling that ends the text; may be given several times.", HelpName = "TEXT" };
var ignoreEnd = new Option<bool>("--ignore-end") { Description = "Goes on where the model would end the text." };
var seed = new Option<long?>("--seed") { Description = "The same seed draws the same text.", HelpName = "N" };
var revision = new Option<string>("--revision") { Description = "Branch, tag or commit on the hub.", HelpName = "NAME", DefaultValueFactory = _ => "main" };
var offline = new Option<bool>("--offline") { Description = "Uses what was downloaded before, and no network." };
var device = new Option<string>("--device") { Description = "Where to compute.", HelpName = "auto|cpu|cuda", DefaultValueFactory = _ => "auto" };
var precision = new Option<Precision>("--precision") { Description = "Number type of the matrix products.", HelpName = string.Join('|', Enum.GetNames<Precision>()), DefaultValueFactory = _ => Precision.Auto };

var root = new RootCommand("Has a language model write: loads a checkpoint of any family and streams what it writes.")
{
    checkpoint, prompt, chat, template, system, maximumTokens, temperature, topK, topP, minP, repetition, stop, ignoreEnd, seed, revision, offline, device, precision,
};
root.SetAction((arguments, cancellation) => Shell.RunAsync(console => new GenerateCommand(
    new GenerateSettings(
        arguments.GetValue(checkpoint),
        arguments.GetValue(prompt),
        arguments.GetValue(chat),
        arguments.GetValue(template) is { } name ? Templates.Of(name) : null,
        arguments.GetValue(system),
        new GenerationOptions
        {
            MaximumNewTokens = arguments.GetValue(maximumTokens),
            Temperature = arguments.GetValue(temperature),
            TopK = arguments.GetValue(topK),
            TopP = arguments.GetValue(topP),
            MinP = arguments.GetValue(minP),
            RepetitionPenalty = arguments.GetValue(repetition),
            StopStrings = arguments.GetValue(stop) ?? [],
            StopAtEndOfText = !arguments.GetValue(ignoreEnd),
            Seed = arguments.GetValue(seed),
            LongPrompt = LongPrompt.KeepEnd,
            ContextOverflow = ContextOverflow.Slide,
        },
        arguments.GetRequiredValue(revision),
        arguments.GetValue(offline),
        arguments.GetRequiredValue(device),
        arguments.GetValue(precision)),
    console).RunAsync(cancellation)));

// Ctrl+C ends the text within a token; a model that is being loaded, on a busy machine, is waited for no longer than this.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
