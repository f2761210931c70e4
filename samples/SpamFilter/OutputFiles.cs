namespace SpamFilter;

/// <summary>What a run leaves in its output directory, and under which names.</summary>
internal sealed record OutputFiles(string Directory)
{
    public string Metrics => Path.Combine(Directory, "metrics.json");

    public string TrainingLog => Path.Combine(Directory, "training.jsonl");

    public string Curves => Path.Combine(Directory, "curves.svg");

    public string Confusion => Path.Combine(Directory, "confusion.svg");

    public string Model => Path.Combine(Directory, "spam.zip");

    public string PretrainedCheckpoint => Path.Combine(PretrainingRun, "model");

    public string PretrainingRun => Path.Combine(Directory, "pretraining");

    public string Checkpoint => Path.Combine(FineTuningRun, "model");

    public string FineTuningRun => Path.Combine(Directory, "fine-tuning");
}
