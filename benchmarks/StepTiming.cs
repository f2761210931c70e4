using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>Times the steps of a run after a warm-up.</summary>
internal sealed class StepTiming(int warmUpSteps, int steps) : IProgress<TrainingProgress>
{
    private TimeSpan start;
    private TimeSpan end;

    public void Report(TrainingProgress value)
    {
        if (value.Step == warmUpSteps)
        {
            start = value.Elapsed;
        }

        if (value.Step == warmUpSteps + steps)
        {
            end = value.Elapsed;
        }
    }

    public bool IsDone(TrainingProgress progress) => progress.Step >= warmUpSteps + steps;

    public double TokensPerSecond(int tokensPerStep) => steps * tokensPerStep / (end - start).TotalSeconds;
}
