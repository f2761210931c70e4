using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>What a model wrote in the middle of its training.</summary>
/// <param name="Stage">What is being trained.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Prompt">How the text begins.</param>
/// <param name="Continuation">How the model goes on.</param>
public sealed record TrainingSample(string Stage, long Step, string Prompt, string Continuation);

/// <summary>Texts that a model writes while it is trained; the sinks of the run receive them as <see cref="TrainingSample"/>.</summary>
public sealed record SampleOptions
{
    /// <summary>Optimizer steps between two times; at least 1.</summary>
    public int EverySteps { get; init; } = 500;

    /// <summary>How the texts begin; an empty one begins a new text.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [""];

    /// <summary>How they are continued.</summary>
    public GenerationOptions Generation { get; init; } = new() { MaximumNewTokens = 60, Temperature = 0.8, TopK = 50, Seed = 1 };

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Setting.AtLeast(1, EverySteps, "Samples.EverySteps");
        if (Prompts is not { Count: > 0 })
        {
            throw new ArgumentException("Samples.Prompts must hold at least one text.", nameof(Prompts));
        }

        Generation.Validate();
    }
}

/// <summary>Lets the model write between two steps, on the training's own thread.</summary>
internal sealed class SampleWriter : IProgress<TrainingProgress>
{
    private readonly LanguageModel model;
    private readonly SampleOptions options;
    private readonly TrainingSinks receiver;
    private long lastStep;

    /// <exception cref="ArgumentException">How texts are continued does not fit the model.</exception>
    /// <exception cref="InvalidOperationException">A prompt is empty, and the tokenizer has no token to begin a text with.</exception>
    public SampleWriter(LanguageModel model, SampleOptions options, TrainingSinks receiver)
    {
        this.model = model;
        this.options = options;
        this.receiver = receiver;
        options.Generation.ValidateFor(model.Network);
        if (model.Tokenizer is { BeginningOfTextId: null, EndOfTextId: null } && options.Prompts.Any(string.IsNullOrEmpty))
        {
            throw new InvalidOperationException(
                "Samples.Prompts holds an empty text, which begins after a token that begins or ends texts; the tokenizer has none. Give it a word.");
        }
    }

    public void Report(TrainingProgress value)
    {
        receiver.Report(value);
        if (value.Step % options.EverySteps != 0 || value.Step == lastStep)
        {
            return;
        }

        lastStep = value.Step;
        var wasTraining = model.Network.training;
        model.Network.eval();
        try
        {
            // A run of hours does not end because an example is too long.
            var written = new TextGenerator(model).Generate(options.Prompts, options.Generation with { LongPrompt = LongPrompt.KeepEnd });
            for (var row = 0; row < written.Count; row++)
            {
                receiver.Report(new TrainingSample(value.Stage, value.Step, options.Prompts[row], written[row].Text));
            }
        }
        finally
        {
            model.Network.train(wasTraining);
        }
    }
}
