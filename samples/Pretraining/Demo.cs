using System.Diagnostics;
using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;
using MLNetLlm.Transforms;
using Samples;
using Spectre.Console;

namespace Pretraining;

/// <summary>What the command line asked for.</summary>
internal sealed record DemoSettings(
    string? DataFile, OutputFiles Output, Recipe Recipe, int? Vocabulary, long? Steps, double? LearningRate, int Seed, bool Resume, string Prompt, string Device);

/// <summary>The demonstration from beginning to end: text, training, evaluation, files, and what the model writes.</summary>
internal sealed class Demo(DemoSettings settings, DataFinder data, IAnsiConsole console)
{
    private readonly MLContext ml = new(settings.Seed);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var screen = new Screen(console);
        var recipe = SettledRecipe(cancellation);
        var source = await data.FindAsync(TextData.Text, settings.DataFile, cancellation);
        var split = TextSplit.Read(source.Path);
        screen.ShowData(source, split, recipe);

        var clock = Stopwatch.StartNew();
        var (trained, reports) = Train(split, recipe);
        var seconds = clock.Elapsed.TotalSeconds;
        using var transformer = trained;
        cancellation.ThrowIfCancellationRequested();

        screen.ShowTitle("Evaluation on the validation part");
        var report = RunReport.Create(ml, settings, recipe, split, transformer.LanguageModel, reports, seconds);
        screen.ShowResults(report);
        await WriteAsync(transformer.LanguageModel, screen, cancellation);
        ml.Model.Save(transformer, View(split.Training).Schema, settings.Output.Model);
        TrainingCurves.Save(reports, settings.Output.Curves);
        MetricsFile.Write(settings.Output.Metrics, report);
        screen.ShowFiles(settings.Output);
    }

    private (LanguageModelTransformer Model, IReadOnlyList<TrainingProgress> Reports) Train(TextSplit split, Recipe recipe)
    {
        using var display = new ConsoleProgress();
        using var board = new TensorBoardLog(settings.Output.TensorBoard, display);
        using var log = new TrainingLog(settings.Output.TrainingLog, board, append: settings.Resume);
        var options = recipe.WithTraining(training => training with { Progress = log }).Options;

        if (recipe.ReadsCharacters)
        {
            options = options with { Tokenizer = CharacterTokenizer.Of(split.Training.Concat(split.Validation).Select(piece => piece.Text)) };
        }

        // Unless characters are read, the tokenizer is learned from the training part; then the network learns to predict each
        // next token of it.
        var pipeline = ml.LanguageModels.Trainers.Pretraining(options with { ValidationSet = View(split.Validation) });
        var trained = pipeline.Fit(View(split.Training));
        if (log.Reports.Count == 0)
        {
            trained.Dispose();
            throw new InvalidDataException(
                $"The run in '{settings.Output.Run}' was finished already, but its log '{settings.Output.TrainingLog}' has no step. Put the log back, or leave --resume out to train anew.");
        }

        return (trained, log.Reports);
    }

    private async Task WriteAsync(LanguageModel model, Screen screen, CancellationToken cancellation)
    {
        screen.ShowTitle("What the model writes");
        var written = settings.Prompt;
        console.Write(new Text(settings.Prompt));
        await foreach (var chunk in new TextGenerator(model).StreamAsync(settings.Prompt, Recipe.Writing with { Seed = settings.Seed }, cancellation))
        {
            console.Write(new Text(chunk.Text));
            written += chunk.Text;
        }

        console.WriteLine();
        await File.WriteAllTextAsync(settings.Output.Continuation, written, cancellation);
    }

    /// <summary>The recipe with what the command line says, checked before any data is read.</summary>
    private Recipe SettledRecipe(CancellationToken cancellation)
    {
        var recipe = settings.Vocabulary is { } size ? settings.Recipe.WithVocabulary(size) : settings.Recipe;
        recipe = recipe.WithTraining(training => training with
        {
            MaximumSteps = settings.Steps ?? training.MaximumSteps,
            LearningRate = settings.LearningRate ?? training.LearningRate,
            Seed = settings.Seed,
            Device = settings.Device,
            CancellationToken = cancellation,
            Checkpoints = new CheckpointOptions { Directory = settings.Output.Run, EverySteps = training.EvaluateEverySteps, Resume = settings.Resume },
        });
        recipe.Options.Validate();
        return recipe;
    }

    private IDataView View(IReadOnlyList<TextPiece> pieces) => ml.Data.LoadFromEnumerable(pieces);
}
