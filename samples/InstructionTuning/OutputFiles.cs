namespace InstructionTuning;

/// <summary>What a run leaves in its output directory, and under which names.</summary>
internal sealed record OutputFiles(string Directory)
{
    public string Model => Path.Combine(Directory, "instruct.zip");

    public string Responses => Path.Combine(Directory, "responses.html");

    public string Metrics => Path.Combine(Directory, "metrics.json");

    public string TrainingLog => Path.Combine(Directory, "training.jsonl");

    public string Curves => Path.Combine(Directory, "curves.svg");

    public string PretrainedCheckpoint => Path.Combine(Directory, "pretrained");

    public string Checkpoint => Path.Combine(Directory, "checkpoint");
}
