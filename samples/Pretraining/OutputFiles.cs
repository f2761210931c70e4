namespace Pretraining;

/// <summary>What a run leaves in its output directory, and under which names.</summary>
internal sealed record OutputFiles(string Directory)
{
    public string Model => Path.Combine(Directory, "language-model.zip");

    public string Metrics => Path.Combine(Directory, "metrics.json");

    public string Continuation => Path.Combine(Directory, "continuation.txt");

    public string TrainingLog => Path.Combine(Directory, "training.jsonl");

    public string TensorBoard => Path.Combine(Directory, "tensorboard");

    public string Curves => Path.Combine(Directory, "curves.svg");

    /// <summary>What the run keeps to be resumed.</summary>
    public string Run => Path.Combine(Directory, "run");

    public string Checkpoint => Path.Combine(Run, "model");
}
