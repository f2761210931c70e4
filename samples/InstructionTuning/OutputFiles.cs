namespace InstructionTuning;

/// <summary>What a run leaves in its output directory, and under which names.</summary>
internal sealed record OutputFiles(string Directory)
{
    public string Model => Path.Combine(Directory, "instruct.zip");

    public string Responses => Path.Combine(Directory, "responses.html");

    public string Metrics => Path.Combine(Directory, "metrics.json");

    public string TrainingLog => Path.Combine(Directory, "training.jsonl");

    public string Curves => Path.Combine(Directory, "curves.svg");

    /// <summary>What the pretraining keeps while it runs.</summary>
    public string PretrainingRun => Path.Combine(Directory, "pretraining");

    public string PretrainedCheckpoint => Path.Combine(PretrainingRun, "model");

    /// <summary>What the instruction tuning keeps while it runs.</summary>
    public string TuningRun => Path.Combine(Directory, "tuning");

    public string Checkpoint => Path.Combine(TuningRun, "model");
}
