using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;
using MLNetLlm.Transforms;
using Samples;
using Spectre.Console;

namespace InstructionTuning;

/// <summary>What the command line asked for.</summary>
internal sealed record DemoSettings(
    string? DataFile, string? BaseModel, OutputFiles Output, ChatTemplate Template, int Seed, int? Epochs, string Device, bool Chat);

/// <summary>The demonstration from beginning to end: data, base model, tuning, evaluation, files, and perhaps a chat.</summary>
internal sealed class Demo(DemoSettings settings, DataFinder data, IAnsiConsole console)
{
    private const int ExampleCount = 4;

    private readonly MLContext ml = new(settings.Seed);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var screen = new Screen(console);
        var recipe = SettledRecipe(cancellation);
        var source = await data.FindAsync(InstructionData.Instructions, settings.DataFile, cancellation);
        var split = InstructionSplit.Create(InstructionFile.Read(source.Path), settings.Seed);
        screen.ShowData(source, split);

        var examples = split.Test.Take(ExampleCount).ToArray();
        var (model, before, reports) = Train(split, recipe, examples);
        using var tuned = model;
        cancellation.ThrowIfCancellationRequested();

        screen.ShowTitle("Evaluation on the test instructions");
        var metrics = ml.LanguageModels.EvaluateInstructions(View(split.Test), tuned);
        screen.ShowExamples(examples, before, metrics);
        screen.ShowMetrics(metrics);
        RunFiles.Write(ml, settings.Output, tuned, View(split.Test), metrics, reports);
        screen.ShowFiles(settings.Output);
        if (settings.Chat)
        {
            await ChatCommand.RunAsync(tuned, systemPrompt: null, console, cancellation);
        }
    }

    private (InstructionTransformer Model, IReadOnlyList<string> Before, IReadOnlyList<TrainingProgress> Reports) Train(
        InstructionSplit split, Recipe recipe, InstructionRow[] examples)
    {
        using var display = new ConsoleProgress();
        using var log = new TrainingLog(settings.Output.TrainingLog, display);
        var reported = recipe.WithTraining(training => training with { Progress = log });
        using var pretrained = settings.BaseModel is { } directory
            ? ml.LanguageModels.FromPretrained(directory, device: settings.Device)
            : Pretrain(split, reported);
        var before = Respond(pretrained, examples);
        var tuned = ml.LanguageModels.Trainers.InstructionTuning(reported.Tuning with
        {
            LanguageModel = pretrained,
            ValidationSet = View(split.Validation),
        }).Fit(View(split.Training));
        return (tuned, before, log.Reports);
    }

    /// <summary>A base model that has only read: the same text, but no notion of instruction and response.</summary>
    private LanguageModel Pretrain(InstructionSplit split, Recipe recipe)
    {
        var texts = split.Training.Select(row => new PlainText { Text = $"{row.Instruction}\n{row.Input}\n{row.Output}" });
        using var transformer = ml.LanguageModels.Trainers.Pretraining(recipe.Pretraining).Fit(ml.Data.LoadFromEnumerable(texts));
        return transformer.LanguageModel.Clone();
    }

    /// <summary>What a model answers before it has learned to.</summary>
    private IReadOnlyList<string> Respond(LanguageModel pretrained, InstructionRow[] rows)
    {
        using var model = pretrained.ForTemplate(settings.Template);
        var generator = new ResponseGenerator(model, settings.Template, Recipe.Default.Tuning.Generation with { MaximumNewTokens = 24 });
        var prompts = rows.Select(row => generator.Prompt(settings.Template.InstructionTurns(row.Instruction, row.Input), out _)).ToArray();
        return generator.Respond(prompts).Select(response => response.Text).ToArray();
    }

    /// <summary>
    /// The recipe with what the command line says, checked before anything is trained. Each training keeps its best model so
    /// far in the output directory: an interrupted run loses nothing.
    /// </summary>
    private Recipe SettledRecipe(CancellationToken cancellation)
    {
        if (settings.BaseModel is { } directory && !Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"--model names '{directory}', but there is no such directory.");
        }

        var recipe = Recipe.Default.WithTraining(training => training with
        {
            Seed = settings.Seed,
            Device = settings.Device,
            CancellationToken = cancellation,
        });
        var (pretraining, tuning) = (recipe.Pretraining.Training, recipe.Tuning.Training);
        var settled = new Recipe(
            recipe.Pretraining with { Training = pretraining with { Checkpoints = KeptIn(settings.Output.PretrainingRun) } },
            recipe.Tuning with
            {
                Template = settings.Template,
                Training = tuning with { Checkpoints = KeptIn(settings.Output.TuningRun), Epochs = settings.Epochs ?? tuning.Epochs },
            });
        settled.Pretraining.Validate();
        settled.Tuning.Training.Validate();
        return settled;

        static CheckpointOptions KeptIn(string directory) => new() { Directory = directory, Resume = false };
    }

    private IDataView View(IReadOnlyList<InstructionRow> rows) => ml.Data.LoadFromEnumerable(rows);

    private sealed class PlainText
    {
        public string Text { get; set; } = "";
    }
}
