namespace MLNetLlm.Trainers;

/// <summary>
/// Takes everything that a training run tells: give one as <see cref="TrainingOptions.Progress"/>. Sinks are chained, each
/// passes on to the next what it gets: <c>new TrainingLog(path, next: new TensorBoardLog(folder, next: new ConsoleProgress()))</c>.
/// </summary>
public interface ITrainingSink
    : IProgress<TrainingProgress>, IProgress<TrainingPlan>, IProgress<CorpusReport>, IProgress<TrainingSample>
{
}

/// <summary>Hands a report to a receiver where that takes reports of this kind.</summary>
internal sealed class TrainingSinks(IProgress<TrainingProgress>? receiver) : ITrainingSink
{
    public void Report(TrainingProgress value) => receiver?.Report(value);

    public void Report(TrainingPlan value) => (receiver as IProgress<TrainingPlan>)?.Report(value);

    public void Report(CorpusReport value) => (receiver as IProgress<CorpusReport>)?.Report(value);

    public void Report(TrainingSample value) => (receiver as IProgress<TrainingSample>)?.Report(value);
}
