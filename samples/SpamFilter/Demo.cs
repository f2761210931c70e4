using Microsoft.ML;
using MLNetLlm.Trainers;
using Samples;
using Spectre.Console;

namespace SpamFilter;

/// <summary>What the command line asked for.</summary>
internal sealed record DemoSettings(string? DataFile, OutputFiles Output, SplitKind Split, int Seed, int? Epochs, string Device);

/// <summary>The demonstration from beginning to end: data, training, evaluation, files, and predictions by a fresh process.</summary>
internal sealed class Demo(DemoSettings settings, DataFinder data, IAnsiConsole console)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var screen = new Screen(console);
        var source = await data.FindAsync(SmsData.Messages, settings.DataFile, cancellation);
        var settled = SettledRecipe(cancellation);
        var baseline = NGramBaseline.For(source, settings.Split);
        var split = SmsSplit.Create(SmsFile.Read(source.Path), settings.Split, settings.Seed);
        screen.ShowData(source, split);
        var recipe = settings.Epochs is null ? settled.ForMessages(split.Training.Count) : settled;

        var ml = new MLContext(settings.Seed);
        var stages = new StageClock();
        var (trained, reports) = Train(ml, split, recipe, stages);
        using var filter = trained.Transformer;
        cancellation.ThrowIfCancellationRequested();

        var speed = SpeedTest.Measure(ml, filter, split.Test);
        var report = RunReport.Create(settings, split, trained, reports, stages, speed);
        report.Write(settings.Output, trained, reports);
        screen.ShowResults(report, baseline);

        screen.ShowTitle("A fresh process loads spam.zip and predicts");
        await FreshProcess.PredictAsync(settings.Output.Model, PredictCommand.Examples, cancellation);
        screen.ShowFiles(settings.Output);
    }

    private (TrainedFilter Filter, IReadOnlyList<TrainingProgress> Reports) Train(MLContext ml, SmsSplit split, Recipe recipe, StageClock stages)
    {
        using var display = new ConsoleProgress();
        using var log = new TrainingLog(settings.Output.TrainingLog, display);
        var reported = recipe.WithTraining(training => training with { Progress = log });
        return (SpamFilterPipeline.Run(ml, split, reported, settings.Output.Model, stages), log.Reports);
    }

    /// <summary>
    /// The recipe with what the command line says, checked before anything is trained. Each training keeps its best model so
    /// far in the output directory: an interrupted run loses nothing.
    /// </summary>
    private Recipe SettledRecipe(CancellationToken cancellation)
    {
        var recipe = Recipe.For(settings.Split).WithTraining(training => training with
        {
            Seed = settings.Seed,
            Device = settings.Device,
            CancellationToken = cancellation,
        });
        var (pretraining, fineTuning) = (recipe.Pretraining.Training, recipe.FineTuning.Training);
        var settled = new Recipe(
            recipe.Pretraining with { Training = pretraining with { Checkpoints = KeptIn(settings.Output.PretrainingRun) } },
            recipe.FineTuning with
            {
                Training = fineTuning with { Checkpoints = KeptIn(settings.Output.FineTuningRun), Epochs = settings.Epochs ?? fineTuning.Epochs },
            });
        settled.Pretraining.Validate();
        settled.FineTuning.Validate();
        return settled;

        // A demo shows its training every time; with Resume = true the next call would go on where this one ended.
        static CheckpointOptions KeptIn(string directory) => new() { Directory = directory, Resume = false };
    }
}
